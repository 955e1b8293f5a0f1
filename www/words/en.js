//! English.

import { bytes, number, percent, plural, seconds } from "./figures.js";

export default {
  common: {
    language: "Language",
  },
  join: {
  },
  host: {
  },
  parts: {
  },
};
