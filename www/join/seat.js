//! This tab's seat in a session: the token that makes a refreshed tab the same client again.

const held = new Map();
const channel = new BroadcastChannel("pleach-seats");

// A duplicated tab starts with a copy of our storage: whoever already sits here says so.
channel.onmessage = ({ data }) => {
  if (data.ask && held.get(data.code) === data.ask) channel.postMessage({ taken: data.ask });
};

/** The token to resume with, if this tab sat here before and no other tab sits there now. */
export async function resume(code) {
  const token = read(code);
  if (!token) return null;
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
