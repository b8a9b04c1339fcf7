package bankcrm.keycloak;

import jakarta.ws.rs.core.UriInfo;
import java.util.Set;
import org.keycloak.common.ClientConnection;
import org.keycloak.common.util.Time;
import org.keycloak.models.AbstractKeycloakTransaction;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.models.RealmModel;
import org.keycloak.models.UserModel;
import org.keycloak.models.utils.KeycloakModelUtils;
import org.keycloak.services.managers.DefaultBruteForceProtector;
import org.keycloak.utils.KeycloakSessionUtil;

/**
 * Keycloak's brute-force protection, with one difference: sign-ins of one person that arrive at once are decided one after the other.
 *
 * <p>Keycloak offers two ways. Where sign-ins may run side by side, a burst is tried in full before the first failure counts, so it guesses
 * more than the allowed number (CVE-2024-4629). Where they may not, its default, every sign-in beside another is refused untried and
 * uncounted: five wrong passwords at once count as one, and a person with two devices is refused although the password is right. Taking turns
 * keeps the promise literally: five wrong passwords lock, no sixth is tried, and the right one is tried if it comes before.
 *
 * <p>Turns are taken within one server. With N of them up to N passwords can be in hand at the moment of locking.
 */
public final class TurnTakingProtector extends DefaultBruteForceProtector {
  private static final String TURN = "bankcrm.sign-in-turn";

  private final Turns turns = new Turns();

  TurnTakingProtector(KeycloakSessionFactory factory) {
    super(factory);
  }

  @Override
  public boolean isTemporarilyDisabled(KeycloakSession session, RealmModel realm, UserModel user) {
    return !hasTurn(session, user) || super.isTemporarilyDisabled(session, realm, user);
  }

  @Override
  public boolean isPermanentlyLockedOut(KeycloakSession session, RealmModel realm, UserModel user) {
    hasTurn(session, user);
    return super.isPermanentlyLockedOut(session, realm, user);
  }

  /**
   * Takes the person's turn for the rest of this request; false when it did not come in time. Asked again in one request, the answer stays.
   * Outside a sign-in (an administrator looks up who is locked) nobody has to wait.
   */
  private boolean hasTurn(KeycloakSession session, UserModel user) {
    if (session.getContext().getAuthenticationSession() == null) return true;
    String key = TURN + "/" + user.getId();
    if (session.getAttribute(key) instanceof Boolean taken) return taken;
    boolean taken = turns.take(user.getId());
    session.setAttribute(key, taken);
    if (taken) session.getTransactionManager().enlistAfterCompletion(new GiveBack(user.getId()));
    return taken;
  }

  /**
   * Counts in a transaction of its own, and before the answer is sent; Keycloak does it afterwards on another thread, which would let the next
   * turn begin before the failure counts.
   */
  @Override
  protected void processLogin(
      RealmModel realm, UserModel user, ClientConnection connection, UriInfo uri, boolean success, Set<String> categories) {
    KeycloakSession request = KeycloakSessionUtil.getKeycloakSession();
    KeycloakModelUtils.runJobInTransaction(factory, request.getContext(), session -> {
      RealmModel current = session.realms().getRealm(realm.getId());
      if (success) success(session, current, user.getId(), categories);
      else failure(session, current, user.getId(), connection.getRemoteHost(), Time.currentTimeMillis(), categories);
    });
  }

  private final class GiveBack extends AbstractKeycloakTransaction {
    private final String userId;

    GiveBack(String userId) {
      this.userId = userId;
    }

    @Override
    protected void commitImpl() {
      turns.giveBack(userId);
    }

    @Override
    protected void rollbackImpl() {
      turns.giveBack(userId);
    }
  }
}
