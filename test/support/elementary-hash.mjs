// A hash of what the elementary functions of the built package give: for arguments of every size, and for those where forms change.
import { createHash } from 'node:crypto'
import * as elementary from '../../dist/src/elementary.js'
import { sampleOf } from './elementary-sample.mjs'

console.log(createHash('sha256').update(sampleOf(elementary, 20_000)).digest('hex'))
