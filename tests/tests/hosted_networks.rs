//! The address that people get, in networks of their own: namespaces of Linux with interfaces as laptops have them, which nothing
//! leaves.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use e2e::command::PLEACH;
use test_data::left_out;

const WIFI: &str = "ip link add wlan0 type bridge; ip addr add 192.168.50.7/24 dev wlan0; ip link set wlan0 up";
const VPN: &str = "ip tuntap add tun0 mode tun; ip addr add 10.8.0.6/24 dev tun0; ip link set tun0 up";
const GATEWAY: &str = "ip route add default via 192.168.50.1";

/// What a session in a network of these interfaces says, up to where it is kept.
fn said(setup: &str, bind: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let state = state.to_str().expect("temporary paths are text");
    let host = format!("exec '{}' host --state '{state}' {bind} --practice 0 --min-clients 3", PLEACH.display());
    let script = format!("set -e; ip link set lo up; {setup}; {host}");
    let log = folder.path().join("said");
    let mut command = Command::new("unshare");
    command.args(["-n", "sh", "-c", &script]).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(std::fs::File::create(&log).expect("a file"));
    let mut child = command.spawn().expect("it started before");
    let read = || std::fs::read_to_string(&log).unwrap_or_default();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !read().contains("\nstate ") && Instant::now() < deadline && child.try_wait().is_ok_and(|it| it.is_none()) {
        std::thread::sleep(Duration::from_millis(20));
    }
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
    read()
}

/// The hosts of the links that people are told, in order, and that of the QR code first.
fn hosts(said: &str) -> Vec<String> {
    let told = said.lines().skip_while(|it| !it.starts_with("join   ")).take_while(|it| !it.starts_with("https"));
    let link = |line: &str| line.split_whitespace().find(|it| it.starts_with("http://")).map(ToOwned::to_owned);
    let host = |it: String| it.trim_start_matches("http://").rsplit_once(":7171/").map(|it| it.0.to_owned());
    told.filter_map(link).filter_map(host).collect()
}

/// Whether networks of one's own can be made here.
fn can_make_networks() -> bool {
    let script = "ip link set lo up && ip link add wlan0 type bridge && ip tuntap add tun0 mode tun";
    let mut command = Command::new("unshare");
    command.args(["-n", "sh", "-c", script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let can = command.status().is_ok_and(|it| it.success());
    if !can {
        left_out("no networks can be made here: this takes Linux, `unshare`, `ip` and the right to use them");
    }
    can
}

#[test]
fn people_get_the_address_that_phones_reach() {
    if !can_make_networks() {
        return;
    }
    let wired = "ip link add eth0 type bridge; ip link set eth0 up";
    let cases: [(&str, String, &[&str]); 10] = [
        ("a network with a gateway", format!("{WIFI}; {GATEWAY}"), &["192.168.50.7"]),
        ("a network without one", WIFI.into(), &["192.168.50.7"]),
        (
            "a school with all of 10",
            "ip link add wlan0 type bridge; ip addr add 10.20.3.7/8 dev wlan0; ip link set wlan0 up; \
             ip route add default via 10.0.0.1"
                .into(),
            &["10.20.3.7"],
        ),
        (
            "a VPN for some",
            format!("{WIFI}; {GATEWAY}; {VPN}; ip route add 10.0.0.0/8 dev tun0"),
            &["192.168.50.7", "10.8.0.6"],
        ),
        ("a VPN for all", format!("{WIFI}; {VPN}; ip route add default dev tun0"), &["192.168.50.7", "10.8.0.6"]),
        (
            "bridges of containers",
            format!(
                "{WIFI}; {GATEWAY}; ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up"
            ),
            &["192.168.50.7", "172.17.0.1"],
        ),
        (
            "a hotspot beside a cable",
            format!("{WIFI}; {wired}; ip addr add 10.0.0.5/24 dev eth0; ip route add default via 10.0.0.1"),
            &["192.168.50.7", "10.0.0.5"],
        ),
        (
            "two cables",
            format!(
                "{wired}; ip addr add 10.0.0.5/24 dev eth0; ip link add eth1 type bridge; ip addr add 10.1.0.5/24 dev eth1; \
                 ip link set eth1 up; ip route add default via 10.1.0.1"
            ),
            &["10.1.0.5", "10.0.0.5"],
        ),
        ("a cable without a router", format!("{wired}; ip addr add 169.254.7.7/16 dev eth0"), &["169.254.7.7"]),
        (
            "a phone by USB",
            "ip link add usb0 type bridge; ip addr add 192.168.42.10/24 dev usb0; ip link set usb0 up".into(),
            &["192.168.42.10"],
        ),
    ];
    for (what, setup, expected) in cases {
        let said = said(&setup, "--bind 0.0.0.0:7171");
        // The last one is this machine's own, where that is not told anyway.
        let found = hosts(&said);
        assert_eq!(found[..found.len().min(expected.len())], *expected, "{what}: {said}");
        // Where the tests themselves run in a container, the session rightly says so, and nothing else.
        let is_inside = ["/.dockerenv", "/run/.containerenv"].iter().any(|it| Path::new(it).exists());
        let notes: Vec<&str> = said.lines().filter(|it| it.starts_with("note   ")).collect();
        assert_eq!(notes.len(), usize::from(is_inside), "{what}: {said}");
        assert!(notes.iter().all(|it| it.contains("those of a container")), "{what}: {said}");
    }
}

#[test]
fn where_no_phone_arrives_it_is_said_aloud() {
    if !can_make_networks() {
        return;
    }
    let alone = said("true", "--bind 0.0.0.0:7171");
    assert_eq!(hosts(&alone)[..1], ["127.0.0.1"], "{alone}");
    assert!(alone.contains("note   no other device can reach this machine"), "{alone}");
    let container = "ip link add eth0 type bridge; ip addr add 172.17.0.2/16 dev eth0; ip link set eth0 up; \
                     ip route add default via 172.17.0.1";
    let inside = said(container, "--bind 0.0.0.0:7171");
    assert!(inside.contains("note   the addresses above look like those of a container"), "{inside}");
    let told = said(container, "--bind 0.0.0.0:7171 --public-url http://192.168.1.20:8080");
    assert!(told.contains("join   http://192.168.1.20:8080/j/") && !told.contains("\nnote   "), "{told}");
}

#[test]
fn a_network_of_ipv6_alone_is_one() {
    if !can_make_networks() {
        return;
    }
    let setup = "ip link add wlan0 type bridge; ip addr add fd12:3456::7/64 dev wlan0 nodad; ip link set wlan0 up";
    let found = hosts(&said(setup, "--bind [::]:7171"));
    assert_eq!(found.first().map(String::as_str), Some("[fd12:3456::7]"));
}
