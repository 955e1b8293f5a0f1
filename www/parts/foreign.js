//! Whether this page stands at an address that the coordinator does not know to be its own: a socket that is refused does not say why.

/** Asks the coordinator; where it cannot be asked, that is not the reason. */
export async function isForeign() {
  try {
    return (await fetch("/origin", { method: "POST" })).status === 403;
  } catch {
    return false;
  }
}
