package bankcrm.keycloak;

import org.keycloak.Config;
import org.keycloak.models.KeycloakSession;
import org.keycloak.models.KeycloakSessionFactory;
import org.keycloak.services.managers.BruteForceProtector;
import org.keycloak.services.managers.BruteForceProtectorFactory;

/** Chosen with {@code --spi-brute-force-protector--provider=turn-taking}. */
public final class TurnTakingProtectorFactory implements BruteForceProtectorFactory {
  private TurnTakingProtector protector;

  @Override
  public BruteForceProtector create(KeycloakSession session) {
    return protector;
  }

  @Override
  public void init(Config.Scope config) {}

  @Override
  public void postInit(KeycloakSessionFactory factory) {
    protector = new TurnTakingProtector(factory);
  }

  @Override
  public void close() {}

  @Override
  public String getId() {
    return "turn-taking";
  }
}
