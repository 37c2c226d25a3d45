//! A resident registration office offers somebody a certificate, and waits until a wallet has it.

mod management;

use management::Management;
use serde_json::json;
use std::{env, error::Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = Management::open(&env::var("ISSUER_URL")?, &env::var("ISSUER_TENANT")?).await?;
    let order = json!({
        "configurations": ["K01-sd-jwt"],
        "claims": {"family_name": "김", "given_name": "한별", "birth_date": "1990-03-01"},
        "grants": ["pre-authorized_code"],
        "tx_code": true,
    });
    let offer = issuer.post("/offers", &order).await?;

    // The link (or its page, with a QR code) goes to the person, the code by another way.
    println!("{}", json!({"link": offer["link"], "page": offer["page"], "tx_code": offer["tx_code"]}));
    let path = format!("/offers/{}", offer["id"].as_str().ok_or("no id")?);
    let state = issuer.state_after(&path, &["open"]).await?;
    println!("{}", json!({"state": state}));
    Ok(())
}
