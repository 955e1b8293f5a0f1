//! Links: the addresses under which people reach a session, and their QR code in the terminal.

use std::net::{Ipv4Addr, SocketAddr};

use coordinator::reach::{Address, Link, Reach};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use url::Url;

use crate::interfaces::{Candidate, Interface, Surroundings, is_inside, ranked};

/// How other devices reach what listens there, the likeliest way for a phone first.
pub fn reach(listening: SocketAddr, interfaces: &[Interface], surroundings: Surroundings) -> Reach {
    let candidates = candidates(listening, interfaces);
    let address = |it: &Candidate| Address {
        origin: format!("http://{}", SocketAddr::new(it.ip, listening.port())),
        link: it.link,
    };
    let is_inside = listening.ip().is_unspecified() && is_inside(surroundings, &candidates);
    Reach { addresses: candidates.iter().map(address).collect(), is_inside }
}

fn candidates(listening: SocketAddr, interfaces: &[Interface]) -> Vec<Candidate> {
    let ip = listening.ip();
    if !ip.is_unspecified() {
        let owner = interfaces.iter().find(|it| it.addresses.contains(&ip));
        let link = if ip.is_loopback() { Link::ThisMachine } else { owner.map_or(Link::Network, |it| it.link) };
        return vec![Candidate { ip, link, interface: owner.map_or_else(String::new, |it| it.name.clone()) }];
    }
    let heard = |it: &Interface| {
        let addresses = it.addresses.iter().copied().filter(|it| ip.is_ipv6() || it.is_ipv4()).collect();
        Interface { addresses, ..it.clone() }
    };
    ranked(&interfaces.iter().map(heard).collect::<Vec<_>>())
}

/// Reads the address that a host says is in front of the coordinator, and gives its origin as browsers write it.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn public_origin(text: &str) -> Result<String, String> {
    let example = "give it as in https://class.example or http://192.168.1.20:8080";
    let url = Url::parse(text.trim()).map_err(|error| format!("not an address of the web ({error}): {example}"))?;
    if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
        return Err(format!("neither http nor https: {example}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("names and passwords cannot be part of it: {example}"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("the page has to be at the top of its host, without a path: {example}"));
    }
    Ok(url.origin().ascii_serialization())
}

/// The names by which this machine may be asked: its own, alone, in mDNS, and within each domain that its network searches.
/// `resolver` is what `/etc/resolv.conf` says.
pub fn names(hostname: &str, resolver: &str) -> Vec<String> {
    let hostname = hostname.trim_end_matches('.').to_lowercase();
    let first = hostname.split('.').next().unwrap_or_default().to_owned();
    if first.is_empty() {
        return vec![];
    }
    let searched =
        resolver.lines().filter_map(|it| it.trim().strip_prefix("search").or(it.trim().strip_prefix("domain")));
    let domains = searched.flat_map(str::split_whitespace).map(|it| it.trim_matches('.').to_lowercase());
    let within = domains.filter(|it| !it.is_empty()).map(|it| format!("{first}.{it}"));
    let mut names = vec![hostname, first.clone(), format!("{first}.local")];
    names.extend(within);
    names.sort();
    names.dedup();
    names
}

/// The names of this machine now.
pub fn own_names() -> Vec<String> {
    let resolver = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    names(&gethostname::gethostname().to_string_lossy(), &resolver)
}

/// The origin for clients on this machine; there a page may use WebGPU without HTTPS.
pub fn local_origin(listening: SocketAddr) -> String {
    let host = if listening.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { listening.ip() };
    format!("http://{}", SocketAddr::new(host, listening.port()))
}

/// The link as half-block characters; nothing when it is too long for a code.
pub fn qr(link: &str) -> Option<String> {
    // Dark on light, as phones expect, also in a dark terminal.
    let code = QrCode::new(link).ok()?;
    Some(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, link: Link, addresses: &[&str]) -> Interface {
        let addresses = addresses.iter().map(|it| it.parse().expect("an address")).collect();
        Interface { name: name.into(), link, is_wireless: false, is_default: false, addresses }
    }

    fn origins(listening: &str) -> Vec<(String, Link)> {
        let interfaces = [
            interface("lo", Link::Network, &["127.0.0.1", "::1"]),
            interface("tun0", Link::Tunnel, &["10.8.0.6"]),
            interface("wlan0", Link::Network, &["192.168.50.7", "fd00::7"]),
            interface("eth0", Link::Network, &["fd00::8"]),
        ];
        let reach = reach(listening.parse().expect("an address"), &interfaces, Surroundings::Machine);
        reach.addresses.into_iter().map(|it| (it.origin, it.link)).collect()
    }

    #[test]
    fn a_bound_address_is_taken_as_it_is() {
        assert_eq!(origins("127.0.0.1:7070"), [("http://127.0.0.1:7070".into(), Link::ThisMachine)]);
        assert_eq!(origins("10.8.0.6:7070"), [("http://10.8.0.6:7070".into(), Link::Tunnel)]);
        assert_eq!(origins("[fd00::7]:7070"), [("http://[fd00::7]:7070".into(), Link::Network)]);
        assert_eq!(local_origin("127.0.0.1:7070".parse().expect("an address")), "http://127.0.0.1:7070");
    }

    #[test]
    fn a_public_address_is_read_as_browsers_write_their_origin() {
        let read = |it: &str| public_origin(it).expect(it);
        assert_eq!(read(" https://Class.Example/ "), "https://class.example");
        assert_eq!(read("https://class.example:443"), "https://class.example");
        assert_eq!(read("http://192.168.1.20:8080"), "http://192.168.1.20:8080");
        assert_eq!(read("http://[fd00::7]:7070"), "http://[fd00::7]:7070");
        assert_eq!(read("https://schüler.example"), "https://xn--schler-5ya.example");
        for bad in [
            "",
            "class.example",
            "class.example:7070",
            "ftp://class.example",
            "https://",
            "https://a.example/path",
            "https://a.example?x",
            "https://a.example/#x",
            "https://me:pw@a.example",
            "file:///etc",
            "https://a b.example",
        ] {
            let problem = public_origin(bad).expect_err(bad);
            assert!(problem.contains("https://class.example"), "{bad}: {problem}");
        }
    }

    #[test]
    fn a_machine_has_its_name_alone_in_mdns_and_in_its_networks() {
        let resolver = "# a comment\nnameserver 192.168.178.1\nsearch fritz.box School.example.\n";
        let expected = ["laptop", "laptop.fritz.box", "laptop.local", "laptop.school.example"];
        assert_eq!(names("Laptop", resolver), expected);
        assert_eq!(names("host.domain.org", ""), ["host", "host.domain.org", "host.local"]);
        assert_eq!(names("", resolver), Vec::<String>::new());
    }

    #[test]
    fn listening_everywhere_gives_all_addresses_and_ipv6_only_where_it_listens_there() {
        let [wifi, vpn] =
            [("http://192.168.50.7:80".to_owned(), Link::Network), ("http://10.8.0.6:80".into(), Link::Tunnel)];
        assert_eq!(origins("0.0.0.0:80"), [wifi.clone(), vpn.clone()]);
        assert_eq!(origins("[::]:80"), [wifi, ("http://[fd00::8]:80".into(), Link::Network), vpn]);
        assert!(qr("http://192.168.1.20:7070/j/K7QX2M").expect("short enough").lines().count() > 10);
    }
}
