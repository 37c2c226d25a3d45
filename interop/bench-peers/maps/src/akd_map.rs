//! The auditable key directory (`SEEMless`, Parakeet), in its own memory store.

use crate::{EPOCH, LOOKUPS, did, median, resident, timed, version};
use akd::{
    AkdLabel, AkdValue, EpochHash, WhatsAppV1Configuration,
    append_only_zks::AzksParallelismConfig,
    client,
    directory::Directory,
    ecvrf::{HardCodedAkdVRF, VRFKeyStorage as _},
    storage::{StorageManager, memory::AsyncInMemoryDatabase},
};
use anyhow::anyhow;
use protobuf::Message as _;
use std::time::{Duration, Instant};

type Configuration = WhatsAppV1Configuration;

/// Publishes `dids` labels and looks some of them up.
pub(crate) async fn measure(dids: usize) -> anyhow::Result<()> {
    let storage = StorageManager::new_no_cache(AsyncInMemoryDatabase::new());
    let directory =
        Directory::<Configuration, _, _>::new(storage, HardCodedAkdVRF {}, AzksParallelismConfig::default())
            .await?;
    let before = resident()?;
    let mut publishing = Duration::ZERO;
    let mut last = Duration::ZERO;
    for first in (0..dids).step_by(EPOCH) {
        let epoch: Vec<_> = (first..dids.min(first + EPOCH))
            .map(|number| (AkdLabel::from(did(number).as_str()), AkdValue::from(version(number).as_str())))
            .collect();
        let start = Instant::now();
        directory.publish(epoch).await?;
        last = start.elapsed();
        publishing += last;
    }
    let grown = resident()? - before;
    let key = HardCodedAkdVRF {}.get_vrf_public_key().await.map_err(|error| anyhow!("{error}"))?;
    let (mut lookups, mut verifications, mut bytes) = (Vec::new(), Vec::new(), 0);
    for number in (0..LOOKUPS).map(|number| number * (dids / LOOKUPS)) {
        let start = Instant::now();
        let (proof, EpochHash(epoch, root)) = directory.lookup(AkdLabel::from(did(number).as_str())).await?;
        lookups.push(start.elapsed());
        bytes = bytes.max(akd_core::proto::specs::types::LookupProof::from(&proof).write_to_bytes()?.len());
        let label = AkdLabel::from(did(number).as_str());
        let verify = || client::lookup_verify::<Configuration>(key.as_bytes(), root, epoch, label, proof);
        let (result, time) = timed(verify);
        let _found = result.map_err(|error| anyhow!("{error}"))?;
        verifications.push(time);
    }
    let count = f64::from(u32::try_from(dids)?);
    println!("akd, {dids} labels, {EPOCH} an epoch");
    println!("  publish         {:>10.0} labels/s", count / publishing.as_secs_f64());
    println!("  last epoch      {:>10.2} s", last.as_secs_f64());
    println!("  memory          {:>10.0} MiB, {:.0} bytes a label", grown, grown * 1_048_576.0 / count);
    println!("  lookup proof    {:>10.0} us, {bytes} bytes at most", median(lookups));
    println!("  verify          {:>10.0} us", median(verifications));
    Ok(())
}
