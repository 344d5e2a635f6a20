// Package test calls the project on the local AWS of this machine, by the command fx.
package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
)

// fx runs fx in the project and reads its result.
func fx(result any, words ...string) error {
	command := exec.Command("fx", append(words, "--json", "-C", "..")...)
	output, err := command.Output()
	if err != nil {
		return fmt.Errorf("fx %v: %w: %s", words, err, output)
	}
	lines := bytes.Split(bytes.TrimSpace(output), []byte("\n"))
	return json.Unmarshal(lines[len(lines)-1], &struct {
		Value any `json:"value"`
	}{result})
}

// Deploy deploys the project and returns the outputs of the stack, and what to call at the end.
func Deploy() (map[string]string, func() error, error) {
	var server struct {
		Running bool `json:"running"`
	}
	if err := fx(&server, "local", "status"); err != nil {
		return nil, nil, err
	}
	stop := func() error {
		if server.Running {
			return nil
		}
		return fx(&struct{}{}, "local", "stop")
	}
	var deployed struct {
		Outputs map[string]string `json:"outputs"`
	}
	err := fx(&deployed, "deploy", "--env", "local")
	return deployed.Outputs, stop, err
}
