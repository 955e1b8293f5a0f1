//! Phrases: what goes into the places of texts, in every language the same. Texts that are not here take what they are given.

import { bytes, fixed, number, percent, seconds } from "./figures.js";

const millis = micros => `${fixed(micros / 1000, 1)}\u00a0ms`;

/** By room and key, for a language's texts: from what a text is called with to what goes into its places, or `null` where there is nothing to say. */
export const phrases = words => {
  const device = kind => words.devices[kind.replace("-", "_")];
  const other = kind => words.others[kind === "cpu" ? "cpu" : "gpu"];
  return {
    join: {
      round: (n, of) => [number(n), number(of)],
      traffics: ({ up, down }) => [bytes(up), bytes(down)],
      samples: ({ n_train, n_held_out, bytes: size }) => [n_train, number(n_held_out), bytes(size)],
      about: ({ recipe, about, n_params, client }, data) => [recipe, about, data, n_params, client],
      compiling: ({ done, total }) => [number(done), number(total)],
      attempt: n => [number(n)],
      retrying: (left, isBusy) => [left > 0, number(left), isBusy],
      after: rounds => [fixed(rounds, 1)],
    },
    doing: {
      lobby: ({ joined, needed }) => (needed ? [number(joined), number(needed)] : null),
      training: (_, { round }) => (round ? [round.n_alive_weights, bytes(round.bytes)] : null),
      sent: ({ bytes: size, train_millis }) => [seconds(train_millis / 1000), bytes(size)],
      voted: ({ bytes: size, train_millis }) => [seconds(train_millis / 1000), bytes(size)],
      recovering: ({ device, forgets }, _, trouble) => [trouble, device, forgets],
      done: ({ accuracy, density }, { groups }) => (accuracy == null ? null : [percent(accuracy), percent(density), groups]),
    },
    why: {
      asked: (_, kind) => [device(kind)],
      faster: ({ micros, other_micros }, kind) => [device(kind), millis(micros), other_micros == null, other(kind), millis(other_micros)],
      only_software: (_, kind) => [device(kind)],
      wrong_gpu: (_, kind) => [device(kind)],
      no_gpu: (_, kind, reason) => [device(kind), reason],
    },
    noGpu: {
      trouble: (_, trouble) => [trouble],
    },
    troubles: {
      wide: ({ name }) => [name],
    },
    verdicts: {
      absent: (_, reason) => [reason],
      step: micros => [millis(micros)],
    },
    failures: {
      refused: (_, why) => [why],
      unreadable: (_, why) => [why],
      device: (_, why) => [why],
      foreign: ({ origin }) => [origin],
    },
    refusals: {
      WrongVersion: ({ client, server }) => [client, server],
      Full: ({ max }) => [number(max)],
      TooLarge: ({ claimed, allowed }) => [bytes(claimed), bytes(allowed)],
      Stale: ({ got, open }) => [number(got + 1), number(open + 1)],
      Presence: ({ part, wanted }) => [wanted === "Present", words.pieces[part]],
      WrongLength: ({ got, expected }) => [number(got), number(expected)],
      WrongEvidenceLength: ({ got, expected }) => [bytes(got), bytes(expected)],
      BadValue: ({ part, at, limit }) => [number(at), words.pieces[part], number(limit)],
      BadSamples: ({ n, max }) => [number(n), number(max)],
      WrongBallotLength: ({ expected }) => [bytes(expected)],
      WrongBallotSize: ({ space, got, quota }) => [number(got), number(space), number(quota)],
      DeadUnit: ({ unit }) => [number(unit)],
      OtherBallot: ({ wanted }) => [wanted === "Drop"],
      NoOrder: ({ unit }) => [number(unit)],
    },
    host: {
      title: (code, n, of) => [code, number(n), number(of)],
      of: (n, of) => [number(n), number(of)],
      atRound: n => [n, number(n)],
      level: (stage, n, of) => [stage, number(n), number(of)],
      weightsAlive: (share, all) => [percent(share), all],
      moved: (moved, dense) => [bytes(moved), bytes(dense)],
      times: (n, kind) => [number(n), kind],
    },
    phases: {
      lobby: (_, { needed }, here) => [number(here), number(needed)],
      collecting: (_, { counted, cohort }) => [number(counted), number(cohort)],
    },
    found: {
      digits: ({ n_train, n_test }) => [number(n_train), number(n_test)],
      images: ({ place, n_train, n_test, n_classes }) => [place, number(n_train), number(n_test), n_classes],
      recordings: ({ place, n_train, n_test }) => [place, number(n_train), number(n_test)],
      documents: ({ place, n_train, n_test, n_words, n_beyond }) => [place, number(n_train), number(n_test), n_words, n_beyond, number(n_beyond)],
      named: ({ name }) => [name],
    },
    nameless: {
      guest: (_, n) => [number(n)],
      practice: (_, n) => [number(n)],
    },
    parts: {
      layer: (name, alive, size) => [name, number(alive), number(size)],
      layerTold: (name, alive, size) => [name, number(alive), number(size)],
      layerVoted: (told, n) => [told, number(n)],
      aliveShare: (share, groups) => [percent(share), groups],
      ownPart: (share, groups) => [percent(share), groups],
      refused: n => [number(n)],
    },
  };
};
