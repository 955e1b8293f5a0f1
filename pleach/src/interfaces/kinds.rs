//! Kinds: what an interface leads to, by what the system says of it and by the names that systems and programs give.

use coordinator::reach::Link;

/// What a system says of an interface beyond its name; on systems that say nothing, the name alone decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Whether it, or one that a bridge joins, is a piece of hardware.
    pub(super) has_device: bool,
    /// Whether it is Wi-Fi.
    pub(super) is_wireless: bool,
    /// Whether programs are at its other end.
    pub(super) is_tunnel: bool,
    /// The driver of its hardware.
    pub(super) driver: String,
}

/// Drivers of phones and modems that lend their connection.
const TETHERS: [&str; 5] = ["rndis_host", "ipheth", "cdc_mbim", "qmi_wwan", "huawei_cdc_ncm"];

/// How names of such interfaces begin.
const TETHER_NAMES: [&str; 5] = ["usb", "rndis", "wwan", "wwp", "pdp_ip"];

/// How names of VPNs begin, on Linux, macOS and Windows.
const TUNNEL_NAMES: [&str; 21] = [
    "tun",
    "tap",
    "utun",
    "wg",
    "ppp",
    "ipsec",
    "zt",
    "tailscale",
    "nordlynx",
    "nordtun",
    "proton",
    "mullvad",
    "gpd",
    "cscotun",
    "vpn",
    "openvpn",
    "wireguard",
    "cloudflarewarp",
    "sit",
    "gre",
    "ip6tnl",
];

/// How names of bridges and of virtual machines' and containers' interfaces begin.
const VIRTUAL_NAMES: [&str; 25] = [
    "docker",
    "br-",
    "veth",
    "vethernet",
    "virbr",
    "vmnet",
    "vmware",
    "vboxnet",
    "virtualbox",
    "cni",
    "flannel",
    "cali",
    "podman",
    "lxc",
    "lxd",
    "incus",
    "kube",
    "weave",
    "dummy",
    "awdl",
    "llw",
    "anpi",
    "hyper-v",
    "nerdctl",
    "cilium",
];

/// What an interface leads to. What is neither known nor called like anything else is a network.
pub(super) fn link(name: &str, facts: &Facts) -> Link {
    let name = name.to_lowercase();
    let begins = |names: &[&str]| names.iter().any(|it| name.starts_with(it));
    let is_tether = TETHERS.contains(&facts.driver.as_str()) || begins(&TETHER_NAMES);
    match () {
        () if is_tether => Link::Tether,
        () if facts.has_device => Link::Network,
        () if facts.is_tunnel || begins(&TUNNEL_NAMES) => Link::Tunnel,
        () if begins(&VIRTUAL_NAMES) => Link::Virtual,
        () => Link::Network,
    }
}

/// Whether an interface is Wi-Fi.
pub(super) fn is_wireless(name: &str, facts: &Facts) -> bool {
    let name = name.to_lowercase();
    facts.is_wireless || ["wl", "wi-fi", "wifi", "ath", "ap0"].iter().any(|it| name.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alone_say_what_most_interfaces_are() {
        let by_name = |name: &str| link(name, &Facts::default());
        for name in ["wlan0", "wlp3s0", "eth0", "enp0s31f6", "en0", "Wi-Fi", "WLAN", "Ethernet 2", "bond0", "bridge100"]
        {
            assert_eq!(by_name(name), Link::Network, "{name}");
        }
        for name in ["tun0", "utun4", "wg0", "ppp0", "tailscale0", "ztabcdef12", "OpenVPN Wintun", "proton0"] {
            assert_eq!(by_name(name), Link::Tunnel, "{name}");
        }
        for name in [
            "docker0",
            "br-4f1c2d3e4a5b",
            "veth12ab",
            "virbr0",
            "vmnet8",
            "vEthernet (WSL)",
            "VMware Network Adapter VMnet1",
        ] {
            assert_eq!(by_name(name), Link::Virtual, "{name}");
        }
        assert_eq!(by_name("usb0"), Link::Tether);
        assert!(["wlan0", "wlp3s0", "WLAN", "Wi-Fi"].iter().all(|it| is_wireless(it, &Facts::default())));
        assert!(!is_wireless("eth0", &Facts::default()));
    }

    #[test]
    fn what_the_system_says_goes_before_a_name() {
        let hardware = Facts { has_device: true, ..Facts::default() };
        let driven = Facts { driver: "rndis_host".into(), ..hardware.clone() };
        // A phone by USB, and a bridge over a piece of hardware that is called as containers' are.
        assert_eq!((link("enx0a1b2c", &driven), link("br-lan", &hardware)), (Link::Tether, Link::Network));
        let program = Facts { is_tunnel: true, ..Facts::default() };
        assert_eq!(link("office", &program), Link::Tunnel);
        assert!(is_wireless("office", &Facts { is_wireless: true, ..Facts::default() }));
    }
}
