//! Kept: how a session is hosted, beside its checkpoints, so that it goes on as it was.

use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use coordinator::json;
use coordinator::store::HOSTING;
use engine::devices::DeviceKind;
use serde::{Deserialize, Serialize};

use crate::args::Stage;

/// How a session is hosted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hosting {
    /// Where it listened.
    pub bind: Option<SocketAddr>,
    /// Where people find it.
    pub public_url: Option<String>,
    /// The certificate that it was given, with its key.
    pub cert: Option<PathBuf>,
    /// Its key.
    pub key: Option<PathBuf>,
    /// Headless tabs.
    pub tabs: Option<u32>,
    /// Practice clients.
    pub practice: Option<u32>,
    /// What tabs and practice clients train on.
    pub device: Option<String>,
}

impl Hosting {
    /// Of a session that listens there.
    pub fn of(stage: &Stage, practice: Option<u32>, listening: SocketAddr) -> Self {
        // The session may be gone on with from another folder.
        let whole = |it: &PathBuf| it.canonicalize().unwrap_or_else(|_| it.clone());
        Self {
            bind: Some(listening),
            public_url: stage.public_url.clone(),
            cert: stage.cert.as_ref().map(whole),
            key: stage.key.as_ref().map(whole),
            tabs: stage.tabs,
            practice,
            device: stage.device.map(|it| it.name().to_owned()),
        }
    }

    /// What lies in a session's folder, and a sentence where that cannot be read; sessions of older programs have nothing there.
    pub fn read(folder: &Path) -> (Self, Option<String>) {
        let path = folder.join(HOSTING);
        let read = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return (Self::default(), None),
            Err(error) => Err(error.to_string()),
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
        };
        let lost = |problem: String| {
            let path = path.display();
            let advice = "the session goes on as if it had been hosted without flags; give them to `resume` again";
            (Self::default(), Some(format!("{path} does not say how the session was hosted ({problem}): {advice}")))
        };
        read.map_or_else(lost, |it| (it, None))
    }

    /// Leaves it in a session's folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.join(HOSTING);
        let half = path.with_extension("tmp");
        let write = || fs::write(&half, json::text(self)).and_then(|()| fs::rename(&half, &path));
        write().with_context(|| format!("cannot write {}", path.display()))
    }

    /// The flags of a session that goes on: those given now go before those of before.
    pub fn under(&self, stage: Stage) -> Stage {
        let (cert, key) = if stage.cert.is_some() { (None, None) } else { (self.cert.clone(), self.key.clone()) };
        Stage {
            public_url: stage.public_url.or_else(|| self.public_url.clone()),
            cert: stage.cert.or(cert),
            key: stage.key.or(key),
            tabs: stage.tabs.or(self.tabs),
            device: stage.device.or_else(|| self.device.as_deref().and_then(|it| it.parse::<DeviceKind>().ok())),
            bind: stage.bind,
            exit: stage.exit,
            json: stage.json,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage() -> Stage {
        let (public_url, cert, key) =
            (Some("https://class.example".into()), Some("c.pem".into()), Some("k.pem".into()));
        Stage {
            bind: None,
            public_url,
            cert,
            key,
            tabs: Some(3),
            device: Some(DeviceKind::Cpu),
            exit: false,
            json: false,
        }
    }

    #[test]
    fn a_session_goes_on_as_it_was_and_flags_given_now_go_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let address: SocketAddr = "127.0.0.1:18431".parse().expect("an address");
        Hosting::of(&stage(), Some(2), address).write(folder.path()).expect("written");
        let (kept, warning) = Hosting::read(folder.path());
        assert_eq!((kept.bind, kept.practice, warning), (Some(address), Some(2), None));
        let bare = Stage { public_url: None, cert: None, key: None, tabs: None, device: None, ..stage() };
        let gone_on = kept.under(bare.clone());
        assert_eq!(
            (gone_on.public_url, gone_on.tabs, gone_on.device),
            (stage().public_url, Some(3), Some(DeviceKind::Cpu))
        );
        assert!(
            gone_on.cert.is_some_and(|it| it.ends_with("c.pem")) && gone_on.key.is_some_and(|it| it.ends_with("k.pem"))
        );
        let given = Stage { tabs: Some(0), public_url: Some("https://other.example".into()), ..bare };
        assert_eq!((kept.under(given.clone()).tabs, kept.under(given.clone()).public_url), (Some(0), given.public_url));
    }

    #[test]
    fn what_is_not_there_is_not_missed_and_what_is_damaged_is_said() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Hosting::read(folder.path()), (Hosting::default(), None));
        for damaged in ["", "{\"bind\":", "{\"bind\":7}", "[]x"] {
            fs::write(folder.path().join(HOSTING), damaged).expect("written");
            let (kept, warning) = Hosting::read(folder.path());
            assert_eq!(kept, Hosting::default());
            assert!(warning.is_some_and(|it| it.contains("give them to `resume` again")), "{damaged}");
        }
        // Of a program to come.
        fs::write(folder.path().join(HOSTING), "{\"practice\":4,\"later\":true}").expect("written");
        assert_eq!(Hosting::read(folder.path()).0.practice, Some(4));
    }
}
