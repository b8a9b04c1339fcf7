// Composecheck loads Compose files of the current folder, with its .env, merged in their order, as `docker compose -f a -f b config` does, against the schema of the Compose
// specification: a key that is misspelt, a service or volume that nobody declares and a variable that is not set are errors. Files of secrets need not exist.
//
//	composecheck compose.yaml services.yaml
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	options, err := cli.NewProjectOptions(os.Args[1:], cli.WithOsEnv, cli.WithEnvFiles(), cli.WithDotEnv, cli.WithoutEnvironmentResolution)
	if err == nil {
		_, err = options.LoadProject(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
