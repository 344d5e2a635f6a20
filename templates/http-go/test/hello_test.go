package test

import (
	"io"
	"net/http"
	"os"
	"testing"
)

var url string

func TestMain(m *testing.M) {
	outputs, stop, err := Deploy()
	if err != nil {
		panic(err)
	}
	url = outputs["HttpApiUrl"]
	code := m.Run()
	if err := stop(); err != nil {
		panic(err)
	}
	os.Exit(code)
}

func TestAPI(t *testing.T) {
	for _, want := range []struct {
		path   string
		status int
		body   string
	}{
		{"/hello/Ann", 200, `{"message":"Hello, Ann!"}`},
		{"/", 200, `{"message":"Hello, world!"}`},
		{"/nowhere", 404, `{"message":"Not Found"}`},
	} {
		response, err := http.Get(url + want.path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != want.status || string(body) != want.body {
			t.Errorf("GET %s: %d %s, want %d %s", want.path, response.StatusCode, body, want.status, want.body)
		}
	}
}
