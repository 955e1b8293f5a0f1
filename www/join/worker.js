//! Where this tab trains: the wasm client, away from the page so that the page never stutters.

let client;

// Loading is waited for here rather than at the top, so that a failure can be told and no message is lost.
const loaded = load();
loaded.catch(() => {});

async function load() {
  try {
    const module = await import("/pkg/client_wasm.js");
    await module.default();
    return module.Client;
  } catch (error) {
    throw new Error(`The program that trains could not be loaded: check the connection, then join again. (${error.message})`);
  }
}

onmessage = async ({ data }) => {
  try {
    if (data.type === "join") {
      const Client = await loaded;
      client = await Client.join(data.settings, event => postMessage(event));
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

function failed(error) {
  postMessage({ type: "failed", message: String(error?.message ?? error) });
}
