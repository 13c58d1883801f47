import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { hashOf, hintOf, isSecret, newSecret, secretPattern } from './secret.ts';

suite('secrets', () => {
  test('hold all 256 bits in one form that scanners can match', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const secret = newSecret(() => bytes);
        assert.equal(secret.length, 53);
        assert.match(secret, new RegExp(`^${secretPattern.source}$`));
        assert.ok(isSecret(secret));
      }),
    );
    const [none, all] = [0x00, 0xff].map((byte) => newSecret(() => new Uint8Array(32).fill(byte)));
    assert.notEqual(none, all);
  });

  test('with one character changed, left out or doubled are none', () => {
    fc.assert(
      fc.property(fc.nat(52), fc.constantFrom('0', 'A', 'a', 'z', '-'), (at, character) => {
        const secret = newSecret();
        const changed = secret.slice(0, at) + character + secret.slice(at + 1);
        if (changed !== secret) assert.ok(!isSecret(changed), changed);
        assert.ok(!isSecret(secret.slice(0, at) + secret.slice(at + 1)));
        assert.ok(!isSecret(secret.slice(0, at) + secret[at]! + secret.slice(at)));
      }),
    );
  });

  test('are kept as SHA-256, and known again by their end', () => {
    assert.equal(hashOf('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.equal(hintOf('mod-abcdefgh'), 'efgh');
  });
});
