//! This tab's seat in a session: the token that makes a refreshed tab the same client again.

const held = new Map();
const channel = opened();

// A duplicated tab starts with a copy of our storage: whoever already sits here says so.
channel?.addEventListener("message", ({ data }) => {
  if (data.ask && held.get(data.code) === data.ask) channel.postMessage({ taken: data.ask });
});

/** Where browsers deny channels, two tabs may take one seat, and the coordinator sends the first away. */
function opened() {
  try {
    return new BroadcastChannel("pleach-seats");
  } catch {
    return null;
  }
}

/** The token to resume with, if this tab sat here before and no other tab sits there now. */
export async function resume(code) {
  const token = read(code);
  if (!token || !channel) return token;
  const taken = await new Promise(done => {
    const hear = ({ data }) => data.taken === token && done(true);
    channel.addEventListener("message", hear);
    channel.postMessage({ ask: token, code });
    setTimeout(() => {
      channel.removeEventListener("message", hear);
      done(false);
    }, 150);
  });
  return taken ? null : token;
}

export function take(code, token) {
  if (held.get(code) === token) return;
  held.set(code, token);
  try {
    sessionStorage.setItem(`pleach ${code}`, token);
  } catch {
    // Without storage a refresh is a new client, which is all that is lost.
  }
}

export function leave(code) {
  held.delete(code);
  try {
    sessionStorage.removeItem(`pleach ${code}`);
  } catch {
    // There was nothing to forget.
  }
}

function read(code) {
  try {
    return sessionStorage.getItem(`pleach ${code}`);
  } catch {
    return null;
  }
}
