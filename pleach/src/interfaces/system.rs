//! The system's list of interfaces, and what Linux tells of each in `/sys` and `/proc`.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

use super::kinds::{self, Facts};
use super::{Interface, Surroundings};

/// Interfaces with their addresses; none where the system does not say.
pub fn listed() -> Vec<Interface> {
    let mut by_name: BTreeMap<String, (Vec<IpAddr>, bool)> = BTreeMap::new();
    for it in if_addrs::get_if_addrs().unwrap_or_default() {
        let (addresses, is_tunnel) = by_name.entry(it.name.clone()).or_default();
        addresses.push(it.ip());
        *is_tunnel |= it.is_p2p();
    }
    let routes = fs::read_to_string("/proc/self/net/route").unwrap_or_default();
    let interface = |(name, (addresses, is_tunnel)): (String, (Vec<IpAddr>, bool))| {
        let known = facts(Path::new("/sys/class/net"), &name);
        let facts = Facts { is_tunnel: is_tunnel || known.is_tunnel, ..known };
        Interface {
            link: kinds::link(&name, &facts),
            is_wireless: kinds::is_wireless(&name, &facts),
            is_default: has_default_route(&routes, &name),
            addresses,
            name,
        }
    };
    by_name.into_iter().map(interface).collect()
}

/// What the program runs in.
pub fn surroundings() -> Surroundings {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let is_container = ["/.dockerenv", "/run/.containerenv"].iter().any(|it| Path::new(it).exists());
    match () {
        () if is_container => Surroundings::Container,
        () if kernel.to_lowercase().contains("microsoft") => Surroundings::Windows,
        () => Surroundings::Machine,
    }
}

/// What Linux says of an interface.
fn facts(all: &Path, name: &str) -> Facts {
    let at = all.join(name);
    let has_device = |at: &Path| at.join("device").exists();
    let members = fs::read_dir(at.join("brif")).into_iter().flatten().flatten();
    let is_over_device = members.map(|it| all.join(it.file_name())).any(|it| has_device(&it));
    let driver = fs::read_link(at.join("device/driver")).ok();
    let driver = driver.and_then(|it| it.file_name().map(|it| it.to_string_lossy().into_owned()));
    Facts {
        has_device: has_device(&at) || is_over_device,
        is_wireless: at.join("wireless").exists() || at.join("phy80211").exists(),
        is_tunnel: at.join("tun_flags").exists() || has_no_frames(&at),
        driver: driver.unwrap_or_default(),
    }
}

/// Whether bare packets go in and out (`ARPHRD_PPP`, `ARPHRD_NONE`): VPNs do that, networks have frames.
fn has_no_frames(at: &Path) -> bool {
    let kind = fs::read_to_string(at.join("type")).unwrap_or_default();
    ["512", "65534"].contains(&kind.trim())
}

/// Whether a table of routes, as `/proc/net/route` has it, sends everything by this interface. VPNs that take everything may
/// do so by two halves.
fn has_default_route(routes: &str, name: &str) -> bool {
    routes.lines().skip(1).any(|line| {
        let mut fields = line.split_whitespace();
        fields.next() == Some(name) && fields.next() == Some("00000000")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_read_as_linux_writes_them() {
        let routes =
            "Iface\tDestination\tGateway\tFlags\nwlan0\t00000000\t0132A8C0\t0003\ntun0\t0000000A\t00000000\t0001\n";
        assert_eq!(["wlan0", "tun0", "eth0"].map(|it| has_default_route(routes, it)), [true, false, false]);
        assert!(!has_default_route("", "wlan0"));
    }

    #[test]
    fn a_bridge_over_hardware_is_hardware_and_a_tunnel_has_no_frames() {
        let all = tempfile::tempdir().expect("a folder");
        let make = |path: &str| fs::create_dir_all(all.path().join(path)).expect("a folder");
        ["enp1s0/device", "br0/brif/enp1s0", "br1/brif/veth0", "veth0", "wg7", "wlp2s0/phy80211"]
            .into_iter()
            .for_each(make);
        fs::write(all.path().join("wg7/type"), "65534\n").expect("written");
        let of = |name: &str| facts(all.path(), name);
        assert_eq!(
            ["enp1s0", "br0", "br1", "veth0", "wg7"].map(|it| of(it).has_device),
            [true, true, false, false, false]
        );
        assert_eq!(["veth0", "wg7"].map(|it| of(it).is_tunnel), [false, true]);
        assert!(of("wlp2s0").is_wireless && !of("nothing").is_wireless);
    }

    #[test]
    fn this_machine_has_a_loopback() {
        assert!(listed().iter().flat_map(|it| &it.addresses).any(IpAddr::is_loopback));
    }
}
