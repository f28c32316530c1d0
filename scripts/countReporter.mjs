// Ends a test run with one plain line that scripts and CI can read: 'N passed, N failed, N skipped'.
export default class CountReporter {
  onTestRunEnd(modules, unhandled) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      for (const state of states) counts[state === 'pending' ? 'failed' : state] += 1;
      // a file that could not be loaded, or whose hooks failed, has no failing test to count
      if (!module.ok() && !states.includes('failed')) counts.failed += 1;
    }
    counts.failed += unhandled.length;
    const { passed, failed, skipped } = counts;
    process.stdout.write(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`);
  }
}
