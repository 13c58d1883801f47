// Compiles a `.tiktoken` vocabulary (lines of base64 and rank, ranks contiguous from 0) into `src/text/data/*.bin.br`:
// one byte of length a token, then all bytes in rank order, brotli on top. Run: node scripts/vocabulary.ts FILE.tiktoken OUT.bin.br
import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

function compile(text: string): Buffer {
  const tokens = text
    .trim()
    .split('\n')
    .map((line, index) => {
      const [base64 = '', rank] = line.split(' ');
      if (Number(rank) !== index) throw new Error(`line ${index + 1}: rank ${rank}, expected ${index}`);
      return Buffer.from(base64, 'base64');
    });
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  return brotliCompressSync(Buffer.concat([Buffer.from(tokens.map((token) => token.length)), ...tokens]), { params });
}

const [from, to] = process.argv.slice(2);
if (!from || !to) throw new Error('usage: node scripts/vocabulary.ts FILE.tiktoken OUT.bin.br');
writeFileSync(to, compile(readFileSync(from, 'utf8')));
