package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func handle(_ context.Context, request events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	name := request.PathParameters["name"]
	if name == "" {
		name = "world"
	}
	fmt.Println("greeting", name)
	body, err := json.Marshal(map[string]string{"message": fmt.Sprintf("%s, %s!", os.Getenv("GREETING"), name)})
	return events.APIGatewayV2HTTPResponse{
		StatusCode: 200,
		Headers:    map[string]string{"content-type": "application/json"},
		Body:       string(body),
	}, err
}

func main() {
	lambda.Start(handle)
}
