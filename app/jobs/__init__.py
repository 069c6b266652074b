"""Work in the background, at least once each and harmless when twice.

running    the queue with its tasks, and the worker
letters    delivering what was promised; what is promised by the clock
money      refunds to send, notices to work, attempts to ask about
doors      codes to plan, locks to bring to them, what they tell
clockwork  lapses, closures, sweeping, and what a killed worker had begun
places     one municipality after the other
"""

from app.jobs.running import make_queue, run_worker

__all__ = ["make_queue", "run_worker"]
