//! Which addresses belong to the open internet. What is sent at the wish of a setting must not reach into the house: not
//! this machine, not the company's networks, not a cloud's own services.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the open internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

fn v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let reserved = match (a, b, c) {
        // This network, private use, loopback, multicast, future use, broadcast.
        (0 | 10 | 127 | 224..=255, _, _) => true,
        // Shared by carriers behind their translators; clouds answer their metadata here too.
        (100, 64..=127, _) => true,
        // Link-local: 169.254.169.254 tells secrets of a cloud's machine.
        (169, 254, _) => true,
        (172, 16..=31, _) => true,
        (192, 0, 0 | 2) | (192, 88, 99) | (192, 168, _) => true,
        (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        // A cloud's own services under a public number.
        (168, 63, 129) => d == 16,
        _ => false,
    };
    !reserved
}

fn v6(address: Ipv6Addr) -> bool {
    let s = address.segments();
    let low = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match s {
        // IPv4 in other clothes: mapped, translated (NAT64), 6to4. What is inside decides.
        [0, 0, 0, 0, 0, 0xffff, a, b] => v4(low(a, b)),
        [0x64, 0xff9b, 0, 0, 0, 0, a, b] => v4(low(a, b)),
        [0x2002, a, b, ..] => v4(low(a, b)),
        // Teredo hides its addresses, the next are for documents and tests.
        [0x2001, 0, ..] | [0x2001, 0xdb8, ..] | [0x2001, 2, 0, ..] | [0x3fff, ..] => false,
        // Only this eighth is handed out as global: private, link-local, loopback, multicast lie outside.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_the_house_are_known_in_every_clothing() {
        for inside in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "2001::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
    }

    #[test]
    fn addresses_of_the_open_internet_are_let_through() {
        for outside in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.32.0.1",
            "168.63.129.17",
            "2606:4700::1111",
            "2400:3200::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }
}
