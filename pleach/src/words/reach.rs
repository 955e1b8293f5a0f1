//! Addresses in words: what each leads to, and why phones may not arrive.

use coordinator::reach::{Link, Obstacle};

/// Who reaches the session at an address of this kind.
pub fn link(it: Link) -> &'static str {
    match it {
        Link::Public => "by the address given",
        Link::Network => "on this network",
        Link::Tether => "by the phone or modem that lends this machine its connection",
        Link::Virtual => "among containers and virtual machines of this machine",
        Link::Tunnel => "by a VPN, for those who are in it",
        Link::Unassigned => "on a cable on which nobody gives out addresses",
        Link::ThisMachine => "on this machine alone",
    }
}

/// What people get at an address over HTTPS.
pub fn https(is_own: bool) -> &'static str {
    match is_own {
        true => {
            "with graphics chip, camera and a screen that stays on; browsers warn once, since nobody vouches for this machine"
        }
        false => "with graphics chip, camera and a screen that stays on, at a name that the certificate has",
    }
}

/// Why other devices may not arrive, and what to do.
pub fn obstacle(it: Obstacle) -> &'static str {
    match it {
        Obstacle::Alone => {
            "no other device can reach this machine at an address above: join a Wi-Fi or open a hotspot and start again \
             (with --bind 0.0.0.0:7070 if --bind says otherwise), or say with --public-url where people find it"
        }
        Obstacle::Inside => {
            "the addresses above look like those of a container or a virtual machine, which other devices do not reach: \
             publish the port and say with --public-url http://ADDRESS:PORT where people find the machine around it"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn obstacles_come_with_what_to_do() {
        assert!([Obstacle::Alone, Obstacle::Inside].into_iter().all(|it| obstacle(it).contains("--public-url")));
    }
}
