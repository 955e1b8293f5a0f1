//! The host's socket: proves by the secret that this is the host, hands on whole views, and comes back when it is cut off.

import { isForeign } from "../parts/foreign.js";
import { whole } from "./received.js";

const MOST_RETRY_SECS = 8;
/** The close code of a refusal (RFC 6455): the same secret would be refused again. */
const POLICY = 1008;

/**
 * Connects to a session. `onView` is given whole views, `onLink` how the connection stands, as a code: `connecting`, `online`,
 * `{ offline: { retry_secs } }` or `{ refused: { why } }` with a word of `Farewell` (coordinator/src/serve/farewell.rs) or whatever
 * else closed it. Gives a function that sends an order.
 */
export function connect(code, secret, { onView, onLink }) {
  let socket = null;
  let retrySecs = 1;
  let isKnown = false;
  const open = () => {
    let history = [];
    socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/ws/host/${encodeURIComponent(code)}`);
    socket.onopen = () => socket.send(JSON.stringify({ secret }));
    socket.onmessage = ({ data }) => {
      const view = whole(history, JSON.parse(data));
      history = view.history;
      retrySecs = 1;
      isKnown = true;
      onLink("online");
      onView(view);
    };
    socket.onclose = async ({ code, reason }) => {
      if (code === POLICY) return onLink({ refused: { why: reason } });
      onLink({ offline: { retry_secs: retrySecs } });
      const retry = setTimeout(open, retrySecs * 1000);
      retrySecs = Math.min(retrySecs * 2, MOST_RETRY_SECS);
      if (!isKnown && (await isForeign())) {
        clearTimeout(retry);
        onLink({ refused: { why: "foreign" } });
      }
    };
  };
  open();
  return order => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ order }));
}
