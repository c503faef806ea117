import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonData, tag, textOf } from '../../src/picture/markup.ts'

describe('tag', () => {
  it('writes elements, attributes and children', () => {
    const made = tag('p', { class: 'a', hidden: true, id: null, title: false }, 'x ', tag('br', {}), ['y', 1 / 3], null)
    expect(textOf(made)).toBe('<p class="a" hidden>x <br>y0.33</p>')
  })

  it('lets no text out of its place', () => {
    fc.assert(
      fc.property(fc.string(), words => {
        const inner = textOf(tag('p', { title: words }, words))
          .replace(/^<p title="/, '')
          .replace(/<\/p>$/, '')
        const [attribute, content] = [inner.slice(0, inner.indexOf('"')), inner.slice(inner.indexOf('"') + 2)]
        expect(`${attribute}${content}`).not.toMatch(/[<>"']/)
      }),
    )
    expect(textOf('<script>alert("1")</script>&')).toBe('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;')
  })
})

describe('jsonData', () => {
  it('holds nothing that ends its element, and reads back the same', () => {
    const value = { words: '</script><!-- <script>' }
    const { markup } = jsonData(value)
    expect(markup).not.toContain('<')
    expect(JSON.parse(markup)).toEqual(value)
  })
})
