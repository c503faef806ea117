// What a process says of itself, as long as it lives; whatever else stands there is no lease.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Lease, leaseText, readLease } from '../../src/remote/lease.ts'

const lease: Lease = { instance: 'a', session: 'b', version: '0.1.0', exact: true, steps: 12 }

it('comes back as it was', () => {
  expect(readLease(leaseText(lease))).toEqual(lease)
  expect(readLease(JSON.stringify({ ...lease, more: 1 }))).toEqual(lease)
})

it('anything else is none', () => {
  const wrong: object[] = [
    ...['instance', 'session', 'version', 'exact', 'steps'].map(name => ({ ...lease, [name]: undefined })),
    ...[
      { ...lease, instance: 1 },
      { ...lease, version: 'x'.repeat(201) },
      { ...lease, exact: 'yes' },
    ],
    ...[{ ...lease, steps: '1' }, { ...lease, steps: null }, [lease], {}],
  ]
  for (const each of wrong) expect(readLease(JSON.stringify(each)), JSON.stringify(each)).toBeNull()
  for (const text of [
    null,
    '',
    'null',
    '1',
    '{',
    `"${'x'.repeat(10)}"`,
    JSON.stringify({ ...lease, x: 'x'.repeat(2000) }),
  ])
    expect(readLease(text)).toBeNull()
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), text => {
      readLease(text)
    }),
  )
})
