import { describe, expect, it } from 'vitest'
import { loadRasteriser } from '../../src/picture/png.ts'
import { svgFile } from '../../src/report/figure.ts'
import { taskKey } from '../../src/report/groups.ts'
import { createReport, type ReportRequest } from '../../src/report/report.ts'
import { baseline, measured, type Wanted } from './measured.ts'

const request = (wanted: readonly Wanted[], more: Partial<ReportRequest> = {}): ReportRequest => {
  const runs = wanted.map(measured)
  return {
    title: 'A report',
    runs,
    leftOut: [],
    baselines: new Map(
      runs.map(run => [taskKey(run), new Map(run.teams.map(({ team }) => [team, baseline] as const))] as const),
    ),
    evaluation: { mode: 'sample', seed: 0 },
    player: '"</script>"',
    ...more,
  }
}
const four = [
  { who: 'maddpg', seed: 1 },
  { who: 'maddpg', seed: 2 },
  { who: 'ddpg', seed: 1, returns: { agent: -80 } },
  { who: 'ddpg', seed: 2, returns: { agent: -90 } },
]

describe('createReport', () => {
  it('is the same for the same runs, byte for byte', () => {
    expect(createReport(request(four)).html).toBe(createReport(request(four)).html)
  })

  it('names its one script and its one style sheet in its policy, and refers to nothing outside', () => {
    const { html } = createReport(request(four))
    expect(html.match(/<script>/g)!.length).toBe(1)
    expect(html.match(/<style>/g)!.length).toBe(1)
    expect(html).toContain('default-src &#39;none&#39;')
    expect(html).not.toMatch(/(src|href)="(?!#|data:,)/)
    expect(html).not.toMatch(/ style="/)
    expect(html).toContain('"<\\/script>"')
  })

  it('gives a scored comparison: MADDPG beats DDPG in every pair of runs', () => {
    const { html, figures } = createReport(request(four))
    expect(figures.map(({ name }) => name)).toEqual([
      'simple_spread-agent-learning',
      'simple_spread-agent-returns',
      'aggregate-median',
      'aggregate-iqm',
      'aggregate-mean',
      'aggregate-optimality-gap',
      'performance-profile',
      'probability-of-improvement',
    ])
    expect(html).toContain('maddpg over ddpg: 1.00 [1.00, 1.00]')
    // (−51 + 100) / 100 and (−52 + 100) / 100.
    expect(html).toContain('0.485 [0.480, 0.490]')
  })

  it('shows the run in the middle, never the best one of two', () => {
    expect(createReport(request(four)).html).toContain('Replay: maddpg, seed 2')
  })

  it('names what was left out, and what repeats', () => {
    const { html, leftOut } = createReport(
      request([{ seed: 1 }, { seed: 1 }], { leftOut: [{ path: 'runs/broken', reason: 'damaged <here>' }] }),
    )
    expect(leftOut.map(({ path }) => path)).toEqual(['runs/broken', 'runs/simple_spread-maddpg-0.01-s1'])
    expect(html).toContain('damaged &lt;here&gt;')
  })

  it('has teams apart, and no chance or script beside returns against others', () => {
    const baselines = new Map([
      [
        taskKey(measured({ scenario: 'simple_push', returns: { adversary: -1, agent: -7 } })),
        new Map(['adversary', 'agent'].map(team => [team, { ...baseline, alone: false }] as const)),
      ],
    ])
    const { html, figures } = createReport(
      request([{ scenario: 'simple_push', returns: { adversary: -1, agent: -7 } }], { baselines }),
    )
    expect(figures.map(({ name }) => name).slice(0, 4)).toEqual([
      'simple_push-adversary-learning',
      'simple_push-agent-learning',
      'simple_push-adversary-returns',
      'simple_push-agent-returns',
    ])
    for (const figure of figures.slice(0, 4)) expect(svgFile(figure)).not.toMatch(/>(chance|script)</)
    expect(html).toContain('simple_push: adversary')
  })

  it('stands without scores, and without pictures', () => {
    const runs = [{ ...measured(), replay: null }]
    const { html, figures } = createReport(request([], { runs, baselines: new Map() }))
    expect(html).toContain('No score can be given.')
    expect(html).toContain('This game cannot be drawn.')
    expect(figures.length).toBe(2)
  })
})

describe('its figures', () => {
  it('are SVG files with words for those who cannot see them, and PNG where it can be drawn', async () => {
    const { figures } = createReport(request(four))
    const rasterise = await loadRasteriser()
    for (const figure of figures) {
      const svg = svgFile(figure)
      expect(svg).toMatch(/^<\?xml[^>]*\?>\n<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/)
      expect(svg).toMatch(/<title>[^<]+<\/title><desc>[^<]+<\/desc>/)
      // Variables belong to the page; numbers that are none would draw nothing.
      expect(svg).not.toMatch(/var\(|NaN|Infinity|undefined/)
      if (typeof rasterise === 'string') continue
      expect([...rasterise(svg, 2).png().subarray(1, 4)]).toEqual([...Buffer.from('PNG')])
    }
  })
})
