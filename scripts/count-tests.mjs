// Prints what failed, with where and why, and `N passed, N failed, N skipped` over vitest's JSON reports. A missing report or a run without tests is a failure.
import { existsSync, readFileSync } from 'node:fs'

let passed = 0
let failed = 0
let skipped = 0
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.log(`${file} was not written: its tests did not run`)
    failed++
    continue
  }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  skipped += report.numPendingTests
  for (const { name, status, message, assertionResults } of report.testResults) {
    const faults = assertionResults.filter(test => test.status === 'failed')
    for (const { fullName, failureMessages } of faults) {
      console.log(`FAILED ${file}: ${name}: ${fullName}\n${failureMessages.join('\n').slice(0, 2000)}`)
    }
    // A file that fails outside its tests counts no failed test of its own.
    if (status === 'failed' && faults.length === 0) {
      console.log(`FAILED ${file}: ${name}\n${message}`)
      failed++
    }
  }
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
