//! A coordinator's own certificate: for every address and name of its machine, kept in one file together with its key.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::json;
use crate::store::private;

const DAY: u64 = 24 * 60 * 60;

/// Days for which a certificate is good: browsers refuse those of more than 398.
const DAYS: u64 = 397;

/// Days before its end on which it is made anew.
const LAST_DAYS: u64 = 30;

/// Names of one certificate at most: those of networks left long ago are forgotten first.
const NAMES_LIMIT: usize = 48;

/// What the file holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    /// The certificate as PEM.
    pub(super) certificate: String,
    /// Its key as PEM.
    pub(super) key: String,
    /// What it is for, newest first.
    names: Vec<String>,
    /// When it ends, in seconds of the Unix epoch.
    ends: u64,
}

/// The certificate in the file, or a new one where that lacks a name, ends soon or cannot be read.
pub(super) fn kept(file: &Path, names: &[String], now: SystemTime) -> Result<Kept, Error> {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |it| it.as_secs());
    let old: Option<Kept> = fs::read(file).ok().and_then(|it| serde_json::from_slice(&it).ok());
    let is_good = |it: &Kept| {
        let lasts = it.ends > now + LAST_DAYS * DAY;
        lasts && names.iter().all(|name| it.names.contains(name)) && super::Tls::of(it).is_ok()
    };
    match old {
        Some(old) if is_good(&old) => Ok(old),
        old => {
            let before = old.map_or(vec![], |it| it.names);
            let made =
                made(with(names, before), now).map_err(|error| Error::Setup(format!("no certificate: {error}")))?;
            write(file, &made)?;
            Ok(made)
        }
    }
}

/// The names asked for, then those of before, so that a machine that comes back to a network is known there.
fn with(names: &[String], before: Vec<String>) -> Vec<String> {
    let mut all = names.to_vec();
    all.extend(before.into_iter().filter(|it| !names.contains(it)));
    all.truncate(NAMES_LIMIT.max(names.len()));
    all
}

fn made(names: Vec<String>, now: u64) -> Result<Kept, rcgen::Error> {
    let ends = now + DAYS * DAY;
    let moment = |secs: u64| rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(secs);
    let mut wanted = CertificateParams::new(names.clone())?;
    wanted.distinguished_name.push(DnType::CommonName, "Pleach on this network");
    // Clocks of phones may be behind.
    (wanted.not_before, wanted.not_after) = (moment(now.saturating_sub(DAY)), moment(ends));
    wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = wanted.self_signed(&key)?.pem();
    Ok(Kept { certificate, key: key.serialize_pem(), names, ends })
}

/// All of it or nothing, for its owner alone.
fn write(file: &Path, kept: &Kept) -> Result<(), Error> {
    // Two sessions may begin at the same moment.
    let half = file.with_extension(format!("{}.tmp", std::process::id()));
    let write = || {
        let mut opened = private().write(true).create(true).truncate(true).open(&half)?;
        opened.write_all(json::text(kept).as_bytes())?;
        opened.sync_all()?;
        fs::rename(&half, file)
    };
    write().map_err(Error::io(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs((20_000 + days) * DAY)
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn a_certificate_is_kept_until_a_name_is_new_or_its_end_is_near() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("tls.json");
        let of = |it: &[&str], days| kept(&file, &names(it), at(days)).expect("it can be kept").certificate;
        let first = of(&["192.168.1.20", "localhost"], 0);
        assert_eq!(of(&["localhost", "192.168.1.20"], 300), first);
        assert_eq!(of(&["localhost"], 366), first);
        let second = of(&["10.0.0.5", "localhost"], 300);
        assert_ne!(second, first);
        // Back in the first network, and in both.
        assert_eq!(of(&["192.168.1.20", "localhost"], 301), second);
        assert_ne!(of(&["localhost"], 300 + DAYS - LAST_DAYS), second);
        // Another name than an address, and an address of IPv6.
        let third = of(&["laptop.local", "fd00::7"], 0);
        assert_eq!(super::super::chain(third.as_bytes()).map(|it| it.len()), Ok(1));
    }

    #[test]
    fn its_key_is_for_its_owner_alone_and_damage_makes_a_new_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("tls.json");
        let of = || kept(&file, &names(&["localhost"]), at(0)).expect("it can be kept").certificate;
        let first = of();
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).expect("there").permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        let whole = fs::read_to_string(&file).expect("there");
        for damaged in ["", "{", &whole[..whole.len() / 2], &whole.replace("PRIVATE", "PUBLIC")] {
            fs::write(&file, damaged).expect("written");
            assert_ne!(of(), first);
            assert_eq!(of(), of());
        }
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1, "no half is left");
        assert!(kept(Path::new("/nowhere/tls.json"), &names(&["localhost"]), at(0)).is_err());
    }

    #[test]
    fn networks_left_long_ago_are_forgotten() {
        let before: Vec<String> = (0..100).map(|it| format!("10.0.0.{it}")).collect();
        let all = with(&names(&["10.0.0.3", "laptop"]), before);
        assert_eq!((all.len(), &all[..3]), (NAMES_LIMIT, &names(&["10.0.0.3", "laptop", "10.0.0.0"])[..]));
    }
}
