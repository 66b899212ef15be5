//! Hashes and HMACs, chosen by name.

use hmac::{Mac as _, SimpleHmac};
use sha2::digest::core_api::BlockSizeUser;
use sha2::digest::{Digest, FixedOutput as _};

/// What takes bytes and can say their digest at any time, and then take more.
pub trait Hash {
    /// Takes more bytes.
    fn update(&mut self, bytes: &[u8]);
    /// The digest of what was taken so far.
    fn digest(&self) -> Vec<u8>;
}

/// The names of the hashes, as k6 has them.
pub const ALGORITHMS: [&str; 9] = [
    "md4",
    "md5",
    "ripemd160",
    "sha1",
    "sha256",
    "sha384",
    "sha512",
    "sha512_224",
    "sha512_256",
];

/// A hash, or with a key an HMAC; nothing when there is no algorithm of that name.
pub fn start(algorithm: &str, key: Option<&[u8]>) -> Option<Box<dyn Hash>> {
    match algorithm {
        "md4" => with::<md4::Md4>(key),
        "md5" => with::<md5::Md5>(key),
        "ripemd160" => with::<ripemd::Ripemd160>(key),
        "sha1" => with::<sha1::Sha1>(key),
        "sha256" => with::<sha2::Sha256>(key),
        "sha384" => with::<sha2::Sha384>(key),
        "sha512" => with::<sha2::Sha512>(key),
        "sha512_224" => with::<sha2::Sha512_224>(key),
        "sha512_256" => with::<sha2::Sha512_256>(key),
        _ => None,
    }
}

fn with<D: Digest + BlockSizeUser + Clone + 'static>(key: Option<&[u8]>) -> Option<Box<dyn Hash>> {
    match key {
        None => Some(Box::new(Plain(D::new()))),
        Some(key) => Some(Box::new(Keyed(SimpleHmac::<D>::new_from_slice(key).ok()?))),
    }
}

struct Plain<D>(D);

impl<D: Digest + Clone> Hash for Plain<D> {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn digest(&self) -> Vec<u8> {
        self.0.clone().finalize().to_vec()
    }
}

struct Keyed<D: Digest + BlockSizeUser>(SimpleHmac<D>);

impl<D: Digest + BlockSizeUser + Clone> Hash for Keyed<D> {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn digest(&self) -> Vec<u8> {
        self.0.clone().finalize_fixed().to_vec()
    }
}
