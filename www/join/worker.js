//! Where this tab trains: the wasm client, away from the page so that the page never stutters. What it posts is the client's
//! view, or a state alone where there is no client to have a view.

/** The shortest module with a vector in it: browsers that cannot read it cannot read ours. */
const VECTOR = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
let client;

// Loading is waited for here rather than at the top, so that a failure can be told and no message is lost.
const loaded = load();
loaded.catch(() => {});

async function load() {
  if (typeof WebAssembly === "undefined") throw "no_wasm";
  if (!WebAssembly.validate(new Uint8Array(VECTOR))) throw "no_simd";
  try {
    const module = await import("/pkg/client_wasm.js");
    await module.default();
    return module.Client;
  } catch (error) {
    throw { unloaded: { detail: String(error?.message ?? error) } };
  }
}

onmessage = async ({ data }) => {
  try {
    if (data.type === "join") {
      const Client = await loaded;
      const { code, name, device, origin, token } = data.settings;
      client = Client.join(code, name, device, origin, token, view => postMessage(view));
    } else if (data.type === "wake") {
      client?.wake();
    } else if (data.type === "leave") {
      client?.leave();
    }
  } catch (error) {
    failed(error);
  }
};

addEventListener("unhandledrejection", event => {
  event.preventDefault();
  failed(event.reason);
});

/** A failure of ours is a code; whatever else was thrown is a crash. */
function failed(error) {
  const isOurs = typeof error === "string" || error?.unloaded;
  postMessage({ failed: isOurs ? error : { crashed: { detail: String(error?.message ?? error) } } });
}
