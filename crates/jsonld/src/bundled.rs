//! The contexts that come with the crate. `contexts/README.md` says where each is from.

/// A bundled context.
pub(crate) struct File {
    pub(crate) url: &'static str,
    pub(crate) bytes: &'static [u8],
    #[cfg(test)]
    pub(crate) sha256: &'static str,
}

macro_rules! files {
    ($($url:literal, $file:literal, $sha256:literal;)*) => {
        [$(File {
            url: $url,
            bytes: include_bytes!(concat!("../contexts/", $file)),
            #[cfg(test)]
            sha256: $sha256,
        }),*]
    };
}

/// The bundled contexts: URL, file, and the SHA-256 digest that a test holds the file to.
pub(crate) const FILES: [File; 22] = files! {
    "https://w3id.org/citizenship/v1",
        "w3id_org_citizenship_v1.jsonld",
        "4531b1e3d1caef3abbd0d4ba3d8e90fb1bc268d43906b80b3be40a684bd59202";
    "https://w3id.org/citizenship/v2",
        "w3id_org_citizenship_v2.jsonld",
        "324510c4305bf72460eb54a4fdca58d702efd2037e20ccb4156f1ce44589f434";
    "https://w3id.org/citizenship/v3",
        "w3id_org_citizenship_v3.jsonld",
        "ba0a19f79845db2555734a02c86ba97d9d675d8f2fa568fe62ec9820811106ce";
    "https://w3id.org/citizenship/v4rc1",
        "w3id_org_citizenship_v4rc1.jsonld",
        "653854524e8cf940164b606de40e525321e15478089d8055a03b55332e4bf076";
    "https://w3id.org/security/data-integrity/v1",
        "w3id_org_security_data_integrity_v1.jsonld",
        "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554";
    "https://w3id.org/security/data-integrity/v2",
        "w3id_org_security_data_integrity_v2.jsonld",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4";
    "https://w3id.org/security/jwk/v1",
        "w3id_org_security_jwk_v1.jsonld",
        "0f14b62f6071aafe00df265770ea0c7508e118247d79b7d861a406d2aa00bece";
    "https://w3id.org/security/multikey/v1",
        "w3id_org_security_multikey_v1.jsonld",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597";
    "https://w3id.org/security/suites/ed25519-2020/v1",
        "w3id_org_security_suites_ed25519_2020_v1.jsonld",
        "b5b8eefd246e7c58e0962f1f8248d16983b46a8277ff0a6b77376b462defd730";
    "https://w3id.org/security/suites/x25519-2020/v1",
        "w3id_org_security_suites_x25519_2020_v1.jsonld",
        "d4a34008e804d892dc7884825a79292abc3b334df7e991bc203279622bbc9dbb";
    "https://w3id.org/security/v1",
        "w3id_org_security_v1.jsonld",
        "f42a4480e3a8f80444ad17f69769e5beaf37678fc9c2660785b14844875db45d";
    "https://w3id.org/security/v2",
        "w3id_org_security_v2.jsonld",
        "8206003c6374580884ece6830c7b78eb000c341e637cc873ecf9ccb122a4cd6a";
    "https://w3id.org/vc/status-list/2021/v1",
        "w3id_org_vc_status_list_2021_v1.jsonld",
        "63569e3e3f976fedc8f121b1827052fb235bdad493633b52e60cc95338385724";
    "https://w3id.org/vdl/aamva/v1",
        "w3id_org_vdl_aamva_v1.jsonld",
        "175b1f7a308b4d50d53f0d734c15ae586b5afa5010fa506c8d0a80318f5c06f0";
    "https://w3id.org/vdl/v1",
        "w3id_org_vdl_v1.jsonld",
        "b754e97d99531988c58945973f5bffe81c090f431379388763deae2b994b3705";
    "https://www.w3.org/2018/credentials/examples/v1",
        "www_w3_org_2018_credentials_examples_v1.jsonld",
        "2070ae4e75bc3b4c2cfe2b8b6e86ec45119672bbb5da283f0399ea96c60a0104";
    "https://www.w3.org/2018/credentials/v1",
        "www_w3_org_2018_credentials_v1.jsonld",
        "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc";
    "https://www.w3.org/ns/credentials/examples/v2",
        "www_w3_org_ns_credentials_examples_v2.jsonld",
        "57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c";
    "https://www.w3.org/ns/credentials/status/v1",
        "www_w3_org_ns_credentials_status_v1.jsonld",
        "0e2e07a636fdcb6b65319a14b227aa929282ca9a6690b79374e3b8ea2f47db19";
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
        "www_w3_org_ns_credentials_undefined_terms_v2.jsonld",
        "82dab514ba44eb18f5d1b0f638c5e140c6a556fbfb5089601bdc0fa5eb8b2581";
    "https://www.w3.org/ns/credentials/v2",
        "www_w3_org_ns_credentials_v2.jsonld",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734";
    "https://www.w3.org/ns/did/v1",
        "www_w3_org_ns_did_v1.jsonld",
        "382220b1df8e6fc64e754d54a79f4ba15070af2e85c3424ba1b18e943a930c64";
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contexts::Contexts;
    use serde_json::Value;
    use std::fs;

    #[test]
    fn every_bundled_context_is_the_pinned_one_and_is_accepted() {
        let contexts = Contexts::bundled();
        for file in &FILES {
            let digest = contexts.digest(file.url).unwrap_or_else(|| panic!("{} is not read", file.url));
            assert_eq!(digest[..], sinpyo_testkit::from_hex(file.sha256), "{}", file.url);
            // Registering it again processes it, and changes nothing.
            // It names the context of ODRL, which an administrator may register.
            if file.url == "https://www.w3.org/2018/credentials/examples/v1" {
                continue;
            }
            let again = contexts.with(file.url, file.bytes);
            assert!(again.is_ok(), "{}: {again:?}", file.url);
        }
        assert_eq!(contexts.urls().count(), FILES.len());
    }

    #[test]
    fn the_pinned_digests_are_those_of_the_specifications() {
        let Some(folder) = sinpyo_testkit::vectors("contexts") else { return };
        let index: Value = serde_json::from_slice(&fs::read(folder.join("index.json")).unwrap()).unwrap();
        for (url, entry) in index.as_object().unwrap() {
            let file = FILES.iter().find(|file| file.url == url).unwrap();
            assert_eq!(entry["sha256"], file.sha256, "{url}");
        }
    }
}
