/** The signed documents of the W3C specifications and of the assertion suite, each with altered twins. */
import { isObject, list, withValue } from '../shared/json.ts';
import type { JsonObject } from '../shared/json.ts';
import { notVerified, verified } from './http.ts';
import { vector, vectorsIn } from './world.ts';
import type { World } from './world.ts';

const GOOD = [
  'vc-di-eddsa/Ed25519Signature2020/signedEdSig.json',
  'vc-di-eddsa/eddsa-jcs-2022/signedJCS.json',
  'vc-di-eddsa/eddsa-rdfc-2022/employ/signedDataInt.json',
  'vc-di-eddsa/eddsa-rdfc-2022/signedDataInt.json',
  'vc-di-eddsa/proof-set-chain/proofChainTempDoc1.json',
  'vc-di-eddsa/proof-set-chain/signedProofChain1.json',
  'vc-di-eddsa/proof-set-chain/signedProofChain2.json',
  'vc-di-eddsa/proof-set-chain/signedProofSet1.json',
  'vc-di-eddsa/proof-set-chain/signedProofSet2.json',
  'vc-di-ecdsa/ecdsa-jcs-2019-p256/signedJCSECDSAP256.json',
  'vc-di-ecdsa/ecdsa-jcs-2019-p384/signedJCSECDSAP384.json',
  'vc-di-ecdsa/ecdsa-rdfc-2019-p256/employ/signedECDSAP256.json',
  'vc-di-ecdsa/ecdsa-rdfc-2019-p256/signedECDSAP256.json',
  'vc-di-ecdsa/ecdsa-rdfc-2019-p384/employ/signedECDSAP384.json',
  'vc-di-ecdsa/ecdsa-rdfc-2019-p384/signedECDSAP384.json',
  'vc-di-ecdsa/ecdsa-sd-2023/employ/derivedRevealDocument.json',
  'vc-di-ecdsa/ecdsa-sd-2023/prc/derivedRevealDocument.json',
  'vc-di-bbs/derivedRevealDocument.json',
  'vc-di-bbs/prc/derivedRevealDocument.json',
];

/** Not credentials as a verifier gets them: base proofs, an intermediate, a retired suite, optional BBS features. */
const BAD = [
  'vc-di-eddsa/proof-set-chain/proofChainTempDoc2.json',
  'vc-di-ecdsa/ecdsa-sd-2023/employ/addSignedSDBase.json',
  'vc-di-ecdsa/ecdsa-sd-2023/prc/addSignedSDBase.json',
  'vc-di-bbs/addSignedSDBase.json',
  'vc-di-bbs/prc/addSignedSDBase.json',
  'vc-di-bbs/HolderBinding/addSignedSDBase.json',
  'vc-di-bbs/Pseudonym/addSignedSDBase.json',
  'vc-di-bbs/PseudonymHB/addSignedSDBase.json',
  'vc-di-assertion-inputs/tests/fixtures/issuedVc.json',
];
const OPTIONS = ['HolderBinding', 'Pseudonym', 'PseudonymHB'];

export async function vectors(world: World): Promise<void> {
  const { api, tally } = world;
  for (const path of GOOD) {
    await tally.check(`${path} verifies`, async () => {
      const document = vector(path);
      verified(await api.verify(document));
      verified(await api.post('/credentials/verify', { verifiableCredential: document }));
    });
    for (const [what, twin] of twins(vector(path))) {
      await tally.check(`${path} with ${what} is refused`, async () => notVerified(await api.verify(twin)));
    }
  }
  for (const path of BAD) {
    await tally.check(`${path} is refused`, async () => notVerified(await api.verify(vector(path))));
  }
  for (const option of OPTIONS) {
    const path = `vc-di-bbs/${option}/derivedRevealDocument.json`;
    await tally.check(`${path} is refused`, async () => notVerified(await api.verify(vector(path))));
    tally.unsupported(`bbs-2023 ${option}: an optional feature of the draft; refused`);
  }
  for (const path of vectorsIn('vc-di-assertion-inputs/inputs')) {
    const good = /Ok-/.test(path);
    await tally.check(`${path} ${good ? 'verifies' : 'is refused'}`, async () => {
      const answer = await api.verify(vector(path));
      if (good) verified(answer);
      else notVerified(answer);
    });
  }
}

function twins(document: JsonObject): [string, JsonObject][] {
  const proofs = list(document.proof).filter(isObject);
  const last = Array.isArray(document.proof) ? `/proof/${proofs.length - 1}` : '/proof';
  const altered = String(proofs.at(-1)?.proofValue ?? '').replace(/^(.{40})(.)/, (_all, head: string, one: string) => head + (one === 'A' ? 'B' : 'A'));
  return [
    ['another validity', withValue(document, '/validFrom', '2001-01-01T00:00:00Z')],
    ['an added claim', withValue(document, '/description', 'added')],
    ['an altered proof value', withValue(document, `${last}/proofValue`, altered)],
    ['another time of signing', withValue(document, `${last}/created`, '2001-01-01T00:00:00Z')],
    ['an unknown previous proof', withValue(document, `${last}/previousProof`, 'urn:uuid:00000000-0000-4000-8000-000000000000')],
    ['no proof', withValue(document, '/proof', undefined)],
  ];
}
