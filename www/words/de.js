//! Deutsch.

import { bytes, number, percent, plural, seconds } from "./figures.js";

export default {
  common: {
    language: "Sprache",
  },
  join: {
  },
  host: {
  },
  parts: {
  },
};
