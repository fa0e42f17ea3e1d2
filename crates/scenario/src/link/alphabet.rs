//! Bytes as characters that every program leaves alone, and check characters.

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How many check characters a link has.
pub(super) const CHECK: usize = 4;

/// base64url without padding.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 2);
    for group in bytes.chunks(3) {
        let bits =
            group.iter().enumerate().fold(0, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for digit in 0..=group.len() {
            out.push(char::from(BASE64[(bits >> (18 - 6 * digit)) as usize & 63]));
        }
    }
    out
}

/// The whole bytes of base64url, with `+` and `/` as good as `-` and `_`; none for another character.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0);
    for character in text.bytes() {
        let digit = match character {
            b'+' => 62,
            b'/' => 63,
            other => BASE64.iter().position(|c| *c == other)? as u32,
        };
        bits = bits << 6 | digit;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

/// The check characters of a text: CRC-32 (IEEE), in base 62.
pub(super) fn check(text: &str) -> String {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1));
        }
    }
    let mut number = !crc;
    let digits = (0..CHECK).map(|_| {
        let digit = BASE62[(number % 62) as usize];
        number /= 62;
        char::from(digit)
    });
    digits.collect()
}
