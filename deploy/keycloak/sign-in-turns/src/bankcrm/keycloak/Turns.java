package bankcrm.keycloak;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Who may go on with a sign-in: one request for each person, the others in the order in which they came. */
final class Turns {
  /** A sign-in takes about a tenth of a second. Whoever waits longer than this is refused, and may try again. */
  private static final long WAIT_SECONDS = 5;

  /** More requests than this for one person are no person. They are refused at once, so that they cannot hold the server's threads. */
  private static final int MAX_WAITING = 30;

  private static final class Turn {
    final Semaphore permit = new Semaphore(1, true);
    int requests;
  }

  private final ConcurrentHashMap<String, Turn> turns = new ConcurrentHashMap<>();

  /** True when it is this request's turn; then {@link #giveBack} must follow. */
  boolean take(String userId) {
    Turn turn = enter(userId);
    if (turn == null) return false;
    boolean taken = false;
    try {
      taken = turn.permit.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      if (!taken) leave(userId);
    }
    return taken;
  }

  void giveBack(String userId) {
    turns.get(userId).permit.release();
    leave(userId);
  }

  private Turn enter(String userId) {
    boolean[] entered = {false};
    Turn turn = turns.compute(userId, (id, present) -> {
      Turn mine = present == null ? new Turn() : present;
      if (mine.requests <= MAX_WAITING) {
        mine.requests++;
        entered[0] = true;
      }
      return mine;
    });
    return entered[0] ? turn : null;
  }

  private void leave(String userId) {
    turns.compute(userId, (id, turn) -> --turn.requests == 0 ? null : turn);
  }
}
