//! Networks that people are in, and the address that each should get.

use super::*;

fn interface(name: &str, addresses: &[&str]) -> Interface {
    let facts = kinds::Facts::default();
    Interface {
        link: kinds::link(name, &facts),
        is_wireless: kinds::is_wireless(name, &facts),
        is_default: false,
        addresses: addresses.iter().map(|it| it.parse().expect("an address")).collect(),
        name: name.into(),
    }
}

fn default(name: &str, addresses: &[&str]) -> Interface {
    Interface { is_default: true, ..interface(name, addresses) }
}

#[track_caller]
fn check(interfaces: &[Interface], expected: &[&str]) {
    let mut all = vec![interface("lo", &["127.0.0.1", "::1"])];
    all.extend_from_slice(interfaces);
    let found: Vec<String> = ranked(&all).into_iter().map(|it| it.ip.to_string()).collect();
    assert_eq!(found, expected);
    // Whatever order the system lists them in.
    all.reverse();
    assert_eq!(ranked(&all)[0].ip.to_string(), expected[0]);
}

#[test]
fn a_network_with_a_gateway_and_one_without() {
    check(&[default("wlan0", &["192.168.50.7", "fe80::1"])], &["192.168.50.7"]);
    // The laptop is the hotspot, or the router leads nowhere.
    check(&[interface("wlan0", &["192.168.50.7"])], &["192.168.50.7"]);
}

#[test]
fn a_school_with_all_of_10() {
    check(&[default("wlan0", &["10.20.3.7"])], &["10.20.3.7"]);
}

#[test]
fn a_vpn_for_some_and_a_vpn_for_all() {
    let wifi = ["192.168.50.7"];
    check(&[default("wlan0", &wifi), interface("tun0", &["10.8.0.6"])], &["192.168.50.7", "10.8.0.6"]);
    check(&[interface("wlan0", &wifi), default("tun0", &["10.8.0.6"])], &["192.168.50.7", "10.8.0.6"]);
    check(&[interface("eth0", &["10.20.3.7"]), default("wg0", &["100.64.0.9"])], &["10.20.3.7", "100.64.0.9"]);
}

#[test]
fn inside_a_container() {
    let container = [default("eth0", &["172.17.0.2"])];
    check(&container, &["172.17.0.2"]);
    let candidates = ranked(&container);
    assert!(is_inside(Surroundings::Machine, &candidates), "what Docker deals out");
    assert!(is_inside(Surroundings::Container, &ranked(&[default("eth0", &["10.1.2.3"])])));
    let beside = [default("wlan0", &["192.168.1.4"]), interface("docker0", &["172.17.0.1"])];
    assert!(!is_inside(Surroundings::Machine, &ranked(&beside)));
}

#[test]
fn a_developer_with_bridges_of_containers_and_machines() {
    let docker = interface("docker0", &["172.17.0.1"]);
    let compose = interface("br-4f1c2d3e4a5b", &["172.18.0.1"]);
    let machines = interface("virbr0", &["192.168.122.1"]);
    let found = ["192.168.1.20", "172.18.0.1", "172.17.0.1", "192.168.122.1"];
    check(&[compose.clone(), docker.clone(), default("enp3s0", &["192.168.1.20"]), machines], &{
        let mut found = found;
        // Among equals, the system's order.
        found[1..3].copy_from_slice(&["172.18.0.1", "172.17.0.1"]);
        found
    });
    // Bridges alone are better than nothing: phones may be behind one.
    check(&[docker], &["172.17.0.1"]);
}

#[test]
fn a_hotspot_beside_a_cable_to_the_internet() {
    check(&[default("eth0", &["10.0.0.5"]), interface("wlan0", &["10.42.0.1"])], &["10.42.0.1", "10.0.0.5"]);
}

#[test]
fn two_cables_of_which_one_leads_out() {
    let found = ["192.168.2.9", "192.168.1.9"];
    check(&[interface("eth0", &["192.168.1.9"]), default("eth1", &["192.168.2.9"])], &found);
}

#[test]
fn a_campus_with_public_addresses() {
    check(&[default("wlan0", &["130.83.5.6"]), interface("docker0", &["172.17.0.1"])], &["130.83.5.6", "172.17.0.1"]);
    check(&[default("eth0", &["130.83.5.6"]), interface("eth1", &["192.168.7.7"])], &["192.168.7.7", "130.83.5.6"]);
}

#[test]
fn nothing_but_ipv6() {
    let found = ["fd12:3456::7"];
    check(&[default("wlan0", &["fe80::1", "fd12:3456::7", "2001:db8::7"])], &found);
    check(
        &[default("wlan0", &["fe80::1", "2001:db8::7"]), interface("tun0", &["10.8.0.6"])],
        &["2001:db8::7", "10.8.0.6"],
    );
}

#[test]
fn on_no_network() {
    check(&[], &["127.0.0.1"]);
    check(&[interface("wlan0", &["fe80::1"])], &["127.0.0.1"]);
    assert_eq!(ranked(&[])[0].link, Link::ThisMachine);
}

#[test]
fn a_cable_between_two_machines() {
    let alone = interface("eth0", &["169.254.9.1"]);
    check(std::slice::from_ref(&alone), &["169.254.9.1"]);
    assert_eq!(ranked(std::slice::from_ref(&alone))[0].link, Link::Unassigned);
    check(&[alone, interface("wlan0", &["192.168.4.4"])], &["192.168.4.4"]);
}

#[test]
fn linux_within_windows() {
    let found = ranked(&[default("eth0", &["172.28.112.5"])]);
    assert!(is_inside(Surroundings::Windows, &found) && !is_inside(Surroundings::Machine, &found));
    // Windows itself beside it.
    check(
        &[interface("vEthernet (WSL)", &["172.28.112.1"]), default("Wi-Fi", &["192.168.0.3"])],
        &["192.168.0.3", "172.28.112.1"],
    );
}

#[test]
fn a_phone_that_lends_its_connection() {
    check(
        &[default("usb0", &["192.168.42.10"]), interface("wlan0", &["192.168.1.5"])],
        &["192.168.1.5", "192.168.42.10"],
    );
    check(&[default("usb0", &["192.168.42.10"])], &["192.168.42.10"]);
}

#[test]
fn a_mac_that_shares_its_connection() {
    let mac = [
        default("en0", &["192.168.178.30"]),
        interface("bridge100", &["192.168.2.1"]),
        interface("utun3", &["fd7a:115c::1"]),
        interface("awdl0", &["fe80::2"]),
    ];
    check(&mac, &["192.168.178.30", "192.168.2.1", "fd7a:115c::1"]);
}
