// A certified OpenID provider with two people, that can be told to answer wrongly.
//
// POST /_next {"token": "nonce" | ..., "userinfo": "other", "down": "token"} holds for one sign-in.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import * as jose from 'jose';

const [redirect, secret, port] = process.argv.slice(2);
const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
const key = { ...(await jose.exportJWK(privateKey)), kid: 'first', alg: 'RS256', use: 'sig' };
const { privateKey: stranger } = await jose.generateKeyPair('RS256');
const people = {
  anna: { email: 'anna@example.com', email_verified: true, groups: ['readers', 'on-call'] },
  ben: { email: 'ben@example.com', email_verified: false, groups: ['readers'] },
  cleo: { email: 'cleo@example.com', email_verified: true, groups: ['others'] },
};
const issuer = `http://localhost:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'feedback',
    client_secret: secret,
    redirect_uris: [redirect],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  jwks: { keys: [key] },
  pkce: { required: () => true },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['groups'] },
  async findAccount(_, id) {
    return { accountId: id, claims: async () => ({ sub: id, ...people[id] }) };
  },
  cookies: { keys: ['a key of the test'] },
});

let next = {};

const signed = (claims, sign = privateKey, header = {}) =>
  new jose.SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'first', ...header }).sign(sign);
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const wrong = {
  nonce: (claims) => signed({ ...claims, nonce: 'another' }),
  audience: (claims) => signed({ ...claims, aud: 'another', azp: 'feedback' }),
  issuer: (claims) => signed({ ...claims, iss: 'http://localhost:1' }),
  expired: (claims) => signed({ ...claims, exp: claims.iat - 3600, iat: claims.iat - 7200 }),
  key: (claims) => signed(claims, stranger),
  unsigned: (claims) => `${part({ alg: 'none' })}.${part(claims)}.`,
  secret: (claims) => new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret)),
  missing: () => undefined,
};

provider.use(async (ctx, more) => {
  if (ctx.path === '/_next') {
    let body = '';
    for await (const chunk of ctx.req) body += chunk;
    next = JSON.parse(body);
    ctx.body = '{}';
    return;
  }
  if (ctx.path === `/${next.down}` || (next.down === 'discovery' && ctx.path.startsWith('/.well'))) {
    ctx.status = 503;
    ctx.body = 'no';
    return;
  }
  await more();
  if (ctx.path === '/token' && next.token && ctx.body?.id_token) {
    const claims = jose.decodeJwt(ctx.body.id_token);
    ctx.body = { ...ctx.body, id_token: await wrong[next.token](claims) };
  }
  if (ctx.path === '/me' && next.userinfo) {
    ctx.body = { ...ctx.body, sub: 'somebody-else' };
  }
});

createServer(provider.callback()).listen(Number(port), 'localhost', () => console.log('ready'));
