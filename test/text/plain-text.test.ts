// What a terminal would obey in names and messages of others is shown instead.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainColoured, plainLine, plainText } from '../../src/text/plain-text.ts'
import { shellQuoted } from '../../src/text/shell-quoted.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/

describe('plain text', () => {
  it('shows escape sequences, carriage returns, C1 controls and changes of direction', () => {
    expect(plainText('a\u001b[2Jb\rc\u009b31md\u202ee\u0007')).toBe('a\\u001b[2Jb\\u000dc\\u009b31md\\u202ee\\u0007')
    expect(plainText('line 1\nline\t2 é 日本 🙂')).toBe('line 1\nline\t2 é 日本 🙂')
    expect(plainLine('a\nb\tc')).toBe('a\\nb\\tc')
  })

  it('keeps colours alone, and only where there are colours', () => {
    const text = '\u001b[31mred\u001b[39m \u001b[8mhidden\u001b]0;title\u0007'
    expect(plainColoured(text, true)).toBe('\u001b[31mred\u001b[39m \\u001b[8mhidden\\u001b]0;title\\u0007')
    expect(plainColoured(text, false)).not.toMatch(obeyed)
  })

  it('leaves nothing that is obeyed in any text, and says the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), text => {
        const plain = plainText(text)
        expect(plain).not.toMatch(obeyed)
        expect(plainText(plain)).toBe(plain)
        expect(plainLine(text)).not.toMatch(/[\n\t]/)
      }),
    )
  })

  it('leaves JSON what it was', () => {
    const value = { name: 'a\u009b\u202e\u001b' }
    expect(JSON.parse(plainText(JSON.stringify(value)))).toEqual(value)
  })
})

describe('words of a printed command', () => {
  it('are left alone where a shell does', () => {
    for (const word of ['runs/a-b_1', '--episodes', '60000', './x.ts', 'a=b', '50%'])
      expect(shellQuoted(word, 'linux')).toBe(word)
  })

  it('are quoted for cmd and PowerShell on Windows', () => {
    expect(shellQuoted('C:\\runs\\a', 'win32')).toBe('C:\\runs\\a')
    expect(shellQuoted('odd dir\\run', 'win32')).toBe('"odd dir\\run"')
  })

  it.runIf(process.platform !== 'win32')('come out of a shell as they went in', () => {
    const words = [
      'odd dir 50% #1 é?/run ü 日本',
      'it\'s $HOME `id` \\ "x" ~ * ; & | < > ( ) ! {a,b}',
      '',
      '~/x',
      'tab\tline\nbell\u0007a1',
      '\u001b[31mred',
      'rtl\u202ebe',
    ]
    const command = `printf '%s\\0' ${words.map(word => shellQuoted(word, 'linux')).join(' ')}`
    expect(command).not.toMatch(/\p{Cc}|\p{Cf}/u)
    expect(execFileSync('bash', ['-c', command], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(words)
  })
})
