//! The bench's worker: runs workloads for `cargo xtask bench`; no visitor loads it.

import init, { Bench } from "/pkg/client_wasm.js";

const wasm = await init();
let bench;

onmessage = async ({ data: [what, ...values] }) => {
  let told = null;
  try {
    if (what === "open") bench = await Bench.open(...values);
    else told = await bench.run(...values);
    postMessage({ told, bytes: wasm.memory.buffer.byteLength });
  } catch (error) {
    postMessage({ problem: String(error?.message ?? error) });
  }
};

postMessage({ told: "ready", bytes: wasm.memory.buffer.byteLength });
