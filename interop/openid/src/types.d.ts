/** The parts that we use of a package that comes without types. */
declare module '@digitalbazaar/oid4-client' {
  interface Signer {
    id: string;
    algorithm: string;
    sign(input: { data: Uint8Array }): Promise<Uint8Array>;
  }
  interface Request {
    client_id: string;
    nonce: string;
    response_uri: string;
    response_mode: string;
    state: string;
  }
  export class OID4Client {
    static fromCredentialOffer(options: object): Promise<OID4Client>;
    readonly authorizationDetails: unknown;
    getNonce(options: object): Promise<{ nonce: string }>;
    requestCredentials(options: object): Promise<{ credentials: unknown[] }>;
  }
  export function getCredentialOffer(options: { url: string; agent?: unknown }): Promise<object>;
  export function signJWT(options: { payload: object; protectedHeader: object; signer: Signer }): Promise<string>;
  export function generateDIDProofJWT(options: { signer: Signer; nonce: string; iss: string; aud: string }): Promise<string>;
  export const oid4vp: {
    authzRequest: { get(options: object): Promise<{ authorizationRequest: Request }> };
    authzResponse: {
      create(options: object): Promise<{ authorizationResponse: object }>;
      send(options: object): Promise<{ result: object }>;
    };
  };
}
