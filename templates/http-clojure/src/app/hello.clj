(ns app.hello
  (:gen-class
   :implements [com.amazonaws.services.lambda.runtime.RequestStreamHandler])
  (:require [clojure.data.json :as json]
            [clojure.java.io :as io]))

(defn answer
  "To a request of the HTTP API."
  [event]
  (let [name (get-in event ["pathParameters" "name"] "world")]
    (println "greeting" name)
    {"message" (str (System/getenv "GREETING") ", " name "!")}))

(defn -handleRequest [_ input output _]
  (with-open [reader (io/reader input)
              writer (io/writer output)]
    (json/write (answer (json/read reader)) writer)))
