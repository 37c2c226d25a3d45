//! A counter asks whoever stands before it for "18 or over", by a QR code, and waits for the result.

mod management;

use management::Management;
use serde_json::json;
use std::{env, error::Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let verifier = Management::open(&env::var("VERIFIER_URL")?, &env::var("VERIFIER_TENANT")?).await?;
    let age = json!({"path": ["age_over_18"], "values": [true]});
    let order = json!({
        "query": {"credentials": [{"id": "resident", "format": "dc+sd-jwt", "claims": [age],
            "meta": {"vct_values": ["urn:sinpyo:credential:ResidentCredential"]}}]},
        "purpose": {"ko": "주류 구매를 위한 나이 확인", "en": "age check for buying alcohol"},
        "mode": "cross_device",
        "number_matching": false, // who stands at the counter is seen
        "trust": {"issuers": env::var("VERIFIER_ISSUERS")?.split(',').collect::<Vec<_>>()},
    });
    let request = verifier.post("/requests", &order).await?;
    println!("{}", json!({"page": request["page"]})); // on the counter's screen
    let path = format!("/requests/{}", request["id"].as_str().ok_or("no id")?);
    let state = verifier.state_after(&path, &["waiting", "fetched", "answered"]).await?;
    let claims = "/credentials/resident/0/claims/age_over_18";
    let is_of_age = state == "accepted"
        && verifier.post(&format!("{path}/result"), &json!({})).await?.pointer(claims) == Some(&json!(true));
    println!("{}", json!({"of_age": is_of_age, "state": state}));
    Ok(())
}
