(ns app.hello-test
  (:require [app.local :refer [with-outputs]]
            [clojure.data.json :as json]
            [clojure.test :refer [deftest is use-fixtures]])
  (:import (java.io FileNotFoundException)))

(def ^:dynamic *url* nil)

(use-fixtures :once
  (fn [run] (with-outputs (fn [outputs] (binding [*url* (get outputs "HttpApiUrl")] (run))))))

(deftest greets
  (is (= {"message" "Hello, Ann!"} (json/read-str (slurp (str *url* "/hello/Ann")))))
  (is (= {"message" "Hello, world!"} (json/read-str (slurp *url*)))))

(deftest has-no-other-routes
  (is (thrown? FileNotFoundException (slurp (str *url* "/nowhere")))))
