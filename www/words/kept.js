//! What this browser keeps from visit to visit: a courtesy, which nothing depends on.

export function kept(what) {
  try {
    return localStorage.getItem(`pleach ${what}`);
  } catch {
    return null;
  }
}

export function keep(what, value) {
  try {
    localStorage.setItem(`pleach ${what}`, value);
  } catch {
    // Where storage is blocked, it is asked for again on the next visit.
  }
}
