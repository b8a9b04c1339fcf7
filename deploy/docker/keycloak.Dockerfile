# Keycloak in which the sign-ins of one person take turns (deploy/keycloak), built with the options of the realm. `npm run images -- keycloak`, or by hand:
#   docker build -f deploy/docker/keycloak.Dockerfile .
# BASE has Keycloak in /opt/keycloak as the official image does; JDK compiles the provider and is left behind.
ARG BASE=quay.io/keycloak/keycloak:26.7.3
ARG JDK=docker.io/library/eclipse-temurin:21-jdk-noble

FROM ${BASE} AS keycloak

FROM ${JDK} AS provider
USER root
WORKDIR /provider
COPY --from=keycloak /opt/keycloak/lib/lib/main /keycloak
COPY deploy/keycloak/sign-in-turns .
RUN javac --release 17 -proc:none -d classes -cp '/keycloak/*' src/bankcrm/keycloak/*.java
RUN jar --create --file bankcrm-sign-in-turns.jar -C classes . META-INF && chmod 644 bankcrm-sign-in-turns.jar

FROM ${BASE}
COPY --from=provider /provider/bankcrm-sign-in-turns.jar /opt/keycloak/providers/
# As the base's own user, whom Keycloak's folder belongs to. Whoever starts it says `start --optimized`.
RUN ["/opt/keycloak/bin/kc.sh", "build", "--db=postgres", "--health-enabled=true", "--features-disabled=ciba,device-flow", "--spi-brute-force-protector--provider=turn-taking"]
