/** `@owf/mdoc`: IssuerSigned and DeviceResponse with the OpenID4VP handover, both ways. */
import { createHash, randomBytes } from 'node:crypto';
import {
  CoseKey, DateOnly, DeviceKey, DeviceRequest, DeviceResponse, DocRequest, Issuer, IssuerSigned, ItemsRequest, SessionTranscript,
  SignatureAlgorithm, Verifier,
} from '@owf/mdoc';
import type { MdocContext } from '@owf/mdoc';
import { refuses } from '../shared/bridge.ts';
import type { Bridge } from '../shared/bridge.ts';
import { newKeyPair, signRaw, verifyRaw } from '../shared/jwk.ts';
import type { KeyPair } from '../shared/jwk.ts';
import { string } from '../shared/json.ts';
import type { JsonObject } from '../shared/json.ts';
import { rejects } from '../shared/refusal.ts';
import { Tally } from '../shared/tally.ts';
import { altered } from '../shared/tamper.ts';
import { version } from '../shared/version.ts';
import { newIssuer, reader } from './certificates.ts';
import type { Issuer as Certified } from './certificates.ts';

const DOC_TYPE = 'org.iso.18013.5.1.mDL';
const NAMESPACE = 'org.iso.18013.5.1';
const ELEMENTS = ['family_name', 'birth_date', 'age_over_18'];
const TRANSCRIPT = { clientId: 'x509_san_dns:verifier.example', nonce: 'exc7gBkxjx1rdc9udRrveKvSsJIq80avlXeLHhGwqtA', responseUri: 'https://verifier.example/response' };

const jwkOf = (key: CoseKey): JsonObject => {
  const { kty = null, crv = null, x = null, y = null, d } = key.jwk as JsonObject;
  return d === undefined ? { kty, crv, x, y } : { kty, crv, x, y, d };
};

/** Cryptography for the peer, by Node. */
const context: MdocContext = {
  crypto: {
    random: (length) => randomBytes(length),
    digest: ({ digestAlgorithm, bytes }) => createHash(digestAlgorithm.replace('-', '')).update(bytes).digest(),
    calculateEphemeralMacKey: () => unavailable(),
  },
  cose: {
    sign1: {
      sign: ({ toBeSigned, key }) => signRaw(jwkOf(key), 'ES256', toBeSigned),
      verify: ({ key, sign1 }) => verifyRaw(jwkOf(key), 'ES256', sign1.toBeSigned, sign1.signature),
    },
    mac0: { sign: () => unavailable(), verify: () => unavailable() },
  },
  x509: {
    ...reader,
    getPublicKey: async ({ certificate }) => CoseKey.fromJwk(await reader.publicJwk(certificate)),
  },
};

function unavailable(): never {
  throw new Error('device MAC is not exercised');
}

interface Scene {
  now: Date;
  issuer: Certified;
  device: KeyPair;
}

export async function mdoc(bridge: Bridge): Promise<boolean> {
  const tally = new Tally('@owf/mdoc', version('@owf/mdoc'));
  const now = new Date(Math.floor(Date.now() / 1000) * 1000);
  const scene = { now, issuer: await newIssuer(now), device: newKeyPair('ES256') };
  const ways: [string, () => Promise<string>][] = [
    ['they issue and present', async () => theyPresent(scene, await theyIssue(scene))],
    ['they issue, we present', async () => wePresent(bridge, scene, await theyIssue(scene))],
    ['we issue, they present', async () => theyPresent(scene, await weIssue(bridge, scene))],
    ['we issue and present', async () => wePresent(bridge, scene, await weIssue(bridge, scene))],
  ];
  for (const [way, make] of ways) await both(tally, bridge, way, scene, make);
  tally.unsupported('device MAC: OpenID4VP uses the device signature');
  tally.unsupported('ISO 18013-5 proximity engagement');
  return tally.finish();
}

async function both(tally: Tally, bridge: Bridge, label: string, scene: Scene, make: () => Promise<string>): Promise<void> {
  let response = '';
  await tally.check(`${label}, both verify`, async () => {
    response = await make();
    const ours = await weVerify(bridge, scene, response, TRANSCRIPT);
    for (const element of ELEMENTS) {
      if (!JSON.stringify(ours).includes(element)) throw new Error(`we do not see ${element}`);
    }
    await theyVerify(scene, response, TRANSCRIPT);
  });
  const other = newIssuer(scene.now);
  const twins: [string, () => Promise<[string, typeof TRANSCRIPT, Scene]>][] = [
    ['another nonce', async () => [response, { ...TRANSCRIPT, nonce: 'other' }, scene]],
    ['another response URI', async () => [response, { ...TRANSCRIPT, responseUri: 'https://other.example/' }, scene]],
    ['an altered element', async () => [replaced(response, 'Mustermann', 'Musterfrau'), TRANSCRIPT, scene]],
    ['an altered device signature', async () => [altered(response, -40), TRANSCRIPT, scene]],
    ['another root', async () => [response, TRANSCRIPT, { ...scene, issuer: await other }]],
    ['a credential past its end', async () => [response, TRANSCRIPT, { ...scene, now: new Date(scene.now.getTime() + 40 * 86_400_000) }]],
  ];
  for (const [what, twin] of twins) {
    await tally.check(`${label}, both refuse ${what}`, async () => {
      if (response === '') throw new Error('there is no response');
      const [text, transcript, seen] = await twin();
      await refuses(weVerify(bridge, seen, text, transcript));
      await rejects(() => theyVerify(seen, text, transcript));
    });
  }
}

/** Replaces bytes of equal length inside base64url. */
function replaced(text: string, from: string, to: string): string {
  const bytes = Buffer.from(text, 'base64url');
  const at = bytes.indexOf(from);
  if (at < 0) throw new Error(`${from} is not in the response`);
  bytes.write(to, at);
  return bytes.toString('base64url');
}

async function theyIssue(scene: Scene): Promise<string> {
  const issuer = new Issuer(DOC_TYPE, context);
  issuer.addIssuerNamespace(NAMESPACE, {
    family_name: 'Mustermann',
    given_name: 'Erika',
    birth_date: new DateOnly('1963-08-12'),
    age_over_18: true,
    issuing_country: 'KR',
  });
  const signed = await issuer.sign({
    signingKey: CoseKey.fromJwk(scene.issuer.privateJwk),
    algorithm: SignatureAlgorithm.ES256,
    digestAlgorithm: 'SHA-256',
    validityInfo: { signed: scene.now, validFrom: scene.now, validUntil: until(scene) },
    deviceKeyInfo: { deviceKey: DeviceKey.fromJwk(scene.device.public) },
    certificates: [scene.issuer.signer],
  });
  return signed.encodedForOid4Vci;
}

async function theyPresent(scene: Scene, issuerSigned: string): Promise<string> {
  const wanted = Object.fromEntries(ELEMENTS.map((element) => [element, false]));
  const itemsRequest = ItemsRequest.create({ docType: DOC_TYPE, namespaces: { [NAMESPACE]: wanted } });
  const response = await DeviceResponse.createWithDeviceRequest(
    {
      deviceRequest: DeviceRequest.create({ docRequests: [DocRequest.create({ itemsRequest })] }),
      sessionTranscript: await SessionTranscript.forOid4Vp(TRANSCRIPT, context),
      issuerSigned: [IssuerSigned.fromEncodedForOid4Vci(issuerSigned)],
      signature: { signingKey: CoseKey.fromJwk({ ...scene.device.private, alg: 'ES256' }) },
    },
    context,
  );
  return response.encodedForOid4Vp;
}

async function theyVerify(scene: Scene, response: string, transcript: typeof TRANSCRIPT): Promise<void> {
  await Verifier.verifyDeviceResponse(
    {
      deviceResponse: Buffer.from(response, 'base64url'),
      sessionTranscript: await SessionTranscript.forOid4Vp(transcript, context),
      trustedCertificates: [scene.issuer.root],
      now: scene.now,
    },
    context,
  );
}

async function weIssue(bridge: Bridge, scene: Scene): Promise<string> {
  const answer = await bridge.call('mdoc.issue', {
    docType: DOC_TYPE,
    namespaces: {
      [NAMESPACE]: {
        family_name: 'Mustermann',
        given_name: 'Erika',
        birth_date: { date: '1963-08-12' },
        age_over_18: true,
        issuing_country: 'KR',
      },
    },
    issuerKey: scene.issuer.privateJwk,
    certificate: [base64(scene.issuer.signer)],
    deviceJwk: scene.device.public,
    validFrom: time(scene.now),
    validUntil: time(until(scene)),
  });
  return string(answer.issuerSigned, 'issuerSigned');
}

async function wePresent(bridge: Bridge, scene: Scene, issuerSigned: string): Promise<string> {
  const answer = await bridge.call('mdoc.present', {
    issuerSigned,
    docType: DOC_TYPE,
    elements: { [NAMESPACE]: ELEMENTS },
    deviceKey: scene.device.private,
    transcript: TRANSCRIPT,
  });
  return string(answer.deviceResponse, 'deviceResponse');
}

function weVerify(bridge: Bridge, scene: Scene, deviceResponse: string, transcript: typeof TRANSCRIPT): Promise<JsonObject> {
  return bridge.call('mdoc.verify', {
    deviceResponse,
    roots: [base64(scene.issuer.root)],
    transcript,
    docType: DOC_TYPE,
    elements: { [NAMESPACE]: ELEMENTS },
    now: time(scene.now),
  });
}

const until = (scene: Scene): Date => new Date(scene.now.getTime() + 30 * 86_400_000);
const time = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, 'Z');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
