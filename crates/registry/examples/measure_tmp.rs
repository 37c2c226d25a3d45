//! tmp
use std::time::Instant;
use std::sync::Arc;
use sinpyo_registry::{*, engine::*, merkle::*, tile::*, did_tlog::*, note::LogKey};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, key};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_core::{time::Timestamp, did::Did, document::*, resolved::VersionSelector};
fn p50(mut v: Vec<f64>) -> (f64,f64) { v.sort_by(f64::total_cmp); (v[v.len()/2], v[v.len()*99/100]) }
struct Cached { rows: Vec<Vec<Hash>>, cache: std::sync::Mutex<std::collections::HashMap<TileId, Arc<ExpandedTile>>> }
impl TileSource for Cached { type Error=(); fn expanded(&self,id:TileId)->Result<Arc<ExpandedTile>,()>{
  let mut c=self.cache.lock().unwrap();
  if let Some(t)=c.get(&id){return Ok(t.clone());}
  let r=id.row_range(); let row=&self.rows[id.level() as usize][r.start as usize..r.end as usize];
  let content: Vec<u8>=row.iter().flat_map(|h|*h.as_bytes()).collect();
  let t=Arc::new(ExpandedTile::from_content(id,&content).unwrap()); c.insert(id,t.clone()); Ok(t)}}
fn main(){
  let n=1_000_003u64;
  let t=Instant::now();
  let mut f=Frontier::new();
  let mut rows=vec![Vec::new(),Vec::new(),Vec::new()];
  for i in 0..n { let h=Hash::leaf(&[(i%251) as u8;256]); f.append(h); rows[0].push(h); }
  println!("hash+append {:.0}/s", n as f64/t.elapsed().as_secs_f64());
  for l in 0..2 { let up: Vec<Hash>=rows[l].chunks_exact(256).map(|c|{let mut f=Frontier::new(); for h in c {f.append(*h)}; f.head().root}).collect(); rows[l+1]=up; }
  let src=Cached{rows,cache:Default::default()};
  let head=f.head();
  for round in 0..2 { let mut v=vec![]; let mut w=vec![]; let mut x=12345u64;
   for _ in 0..20000 { x=x.wrapping_mul(6364136223846793005).wrapping_add(1); let i=(x>>20)%n;
    let t=Instant::now(); let nodes=TileNodes::new(&src,n); let p=prove_inclusion(&nodes,i,n).unwrap(); v.push(t.elapsed().as_secs_f64()*1e6);
    let t=Instant::now(); let _=head.verify_inclusion(src.rows[0][i as usize],i,&p).unwrap(); w.push(t.elapsed().as_secs_f64()*1e6); }
   println!("round {round} prove p50/p99 {:?} verify {:?} us", p50(v), p50(w)); }
  // resolve
  let origin: note::Origin="ledger.example/2026".parse().unwrap();
  let secret=key(Algorithm::Ed25519,200);
  let lk=LogKey::new(origin.clone(),secret.verifying_key().clone()).unwrap();
  let signer=KeySigner::new("did:example:log#k".parse().unwrap(),secret);
  let engine=MemoryLog::new(Fold::new(origin.clone()),FixedClock(Timestamp::from_unix(1_800_000_000).unwrap()));
  let count=20_000u32;
  let root: Did="did:tlog:root".parse().unwrap();
  let l=Ledger::open(&engine,lk.clone(),&signer,&root).unwrap();
  let mut ops=vec![]; let mut dids=vec![];
  let k=SigningKey::generate(Algorithm::Es256,&mut sinpyo_testkit::TestEntropy::new(1)); let pk=k.verifying_key().clone();
  let ks=KeySigner::new("did:example:a#b".parse().unwrap(),k);
  for i in 0..count { let op=create(&origin,Control::by(&pk),|did|{
     DidDocument::new(did.clone()).with_key(VerificationMethod{id:did.key(&format!("k{i}")).unwrap(),controller:did.clone(),key:PublicKeyMaterial::Multikey(pk.to_multikey()),revoked:None},&[VerificationRelationship::AssertionMethod])}).unwrap().sign(&ks,&pk).unwrap();
     dids.push(op.fact().did.clone()); ops.push(op.as_bytes().to_vec()); }
  println!("op bytes {}",ops[0].len());
  let t=Instant::now(); for c in ops.chunks(1000){ for r in engine.append(c.to_vec()){ r.unwrap(); } }
  println!("did creates {:.0}/s", count as f64/t.elapsed().as_secs_f64());
  l.checkpoint().unwrap();
  let (mut a,mut b,mut c)=(vec![],vec![],vec![]);
  for did in dids.iter().step_by(7){ 
    let t=Instant::now(); l.resolve(did,&VersionSelector::Latest).unwrap(); a.push(t.elapsed().as_secs_f64()*1e6);
    let t=Instant::now(); let p=l.prove(did,&VersionSelector::Latest).unwrap(); b.push(t.elapsed().as_secs_f64()*1e6);
    let t=Instant::now(); p.verify(&lk,did,&VersionSelector::Latest).unwrap(); c.push(t.elapsed().as_secs_f64()*1e6); }
  println!("resolve {:?} prove {:?} verify {:?}",p50(a),p50(b),p50(c));
}
